import { type NamedValue, valueStatusToJSON } from '@attune/contracts/messages/common/v1/common';
import type { parityOf, TracedMismatch } from '@attune/feature-store/composition';

type Result = Awaited<ReturnType<typeof parityOf>>;

const SHOWN_MAX = 20;

/** What `attune parity` prints: each mismatch with feature, profile and first differing record, then the sums. Texts are not shown: they may be personal. */
export function parityLines(result: Result, seconds: number): readonly string[] {
  const { answers, decisions, values, erased, mismatches, records } = result;
  const shown = mismatches.slice(0, SHOWN_MAX).flatMap(mismatchLines);
  const more = mismatches.length > SHOWN_MAX ? [`… and ${mismatches.length - SHOWN_MAX} more`] : [];
  const sums = `parity: ${mismatches.length} mismatches in ${values} values of ${answers} answers and ${decisions} decisions, by ${records} records in ${seconds.toFixed(1)} s`;
  return [...shown, ...more, ...(erased === 0 ? [] : [`${erased} about customers who were erased since cannot be told any more`]), sums];
}

function mismatchLines({ answer, feature, served, offline, differs }: TracedMismatch): readonly string[] {
  const { source, profileId, purpose, partition, offset, atMs } = answer;
  const what = feature === '*' ? 'what began it is not in the log' : `served ${told(served)}, by the log ${told(offline)}`;
  return [
    `MISMATCH ${feature} of ${profileId} in ${source} for ${purpose}, at ${partition}/${offset} and ${iso(atMs)}: ${what}`,
    ...(differs === undefined
      ? []
      : [
          `  first differing record: ${differs.partition}/${differs.offset}, ${differs.what}${differs.atMs === undefined ? '' : `, known at ${iso(differs.atMs)}`}: ${HOW[differs.how]}`,
        ]),
  ];
}

const HOW = {
  missed: 'what was served does not know it',
  early: 'what was served knew it before its place',
  other: 'no place in the log gives what was served; this is the last record that changed the value',
} as const;

function told(value: NamedValue | undefined): string {
  if (value === undefined) return 'nothing';
  const { status, eventTimeMs, ageMs } = value;
  const kind = value.value?.kind;
  const shown = kind === undefined ? '' : kind.$case === 'number' || kind.$case === 'truth' ? ` ${kind.value}` : ` (${kind.$case})`;
  const times = [eventTimeMs === 0n ? '' : `event time ${eventTimeMs}`, ageMs === undefined ? '' : `age ${ageMs} ms`].filter((one) => one !== '');
  return `${valueStatusToJSON(status).replace('VALUE_STATUS_', '')}${shown}${times.length === 0 ? '' : ` (${times.join(', ')})`}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
