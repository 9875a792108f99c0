import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { ConditionPart, type ExplainSegmentRequest, ExplainSegmentResponse, PartKind, Truth } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { explainCondition, type PartAnswer } from '../domain/explain-condition.ts';
import type { SegmentRule } from '../domain/find-transitions.ts';
import { type NextAnswer, nextAnswer } from '../domain/next-answer.ts';
import type { Standstill } from '../domain/next-crossing.ts';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import { type NamedReading, readFeatures, readTraits, ruleValues } from '../domain/read-profile.ts';
import { standstillOf } from '../domain/watch-segments.ts';
import { explanationWords } from './explanation-words.ts';
import { telling } from './get-profile.ts';
import { openFor } from './open-for.ts';
import { checkPurposes, knownProfile, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';
import { segmentNamed } from './segment-named.ts';
import { valueReaders } from './value-readers.ts';

/** Says why a customer is in a segment or is not. */
export type ExplainSegment = (tenant: string, request: ExplainSegmentRequest) => Promise<ExplainSegmentResponse>;

/**
 * The parts of the segment's condition with what each saw, by the same reading as GetProfile: what the purpose may not know is unknown to it, and told with
 * the reason only. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const explainSegment =
  (ports: ReadPorts): ExplainSegment =>
  async (tenant, { subject, segment: name, purpose }) => {
    const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const { profileId, rules, position, nowMs } = stored;
    checkPurposes(rules, 'purpose', [purpose]);
    const segment = segmentNamed(rules, name);
    const profile = knownProfile(stored);
    await openFor(ports, tenant, stored, { readers: valueReaders(rules).values(), purpose });
    const readings = [...readFeatures(profile, rules, nowMs), ...readTraits(profile, rules)];
    const told = new Map(readings.map((reading) => [reading.name, telling(stored, purpose)(reading)]));
    const known = readings.filter((reading) => told.get(reading.name)?.status === ValueStatus.VALUE_STATUS_PRESENT);
    const explained = explainCondition(partsOf(segment), ruleValues(known));
    const next = nextAnswer(segment, standstillFor(profile, rules, { nowMs, known }));
    const parts = explained.map((one) => partMessage(one, told));
    return ExplainSegmentResponse.fromPartial({
      profileId,
      segment: name,
      condition: segment.rule.source ?? '',
      answer: truths[explained[0]?.answer ?? 'unknown'],
      parts,
      ...momentsOf(next),
      words: [...explanationWords({ segment: name, purpose, parts, next })],
      position,
      nowMs: BigInt(nowMs),
    });
  };

function partsOf({ rule: { parts } }: SegmentRule) {
  if (parts === undefined) throw new AttuneError('INTERNAL', 'The condition of a segment has no parts.');
  return parts();
}

/** The customer as the purpose may know them: what is not told is missing, now and later. */
function standstillFor(profile: Profile, rules: ProfileRules, { nowMs, known }: { readonly nowMs: number; readonly known: readonly NamedReading[] }) {
  const names = new Set(known.map(({ name }) => name));
  const { constant, varying, traits } = standstillOf(profile, rules, nowMs);
  const within = <T>(entries: Iterable<readonly [string, T]>, prefix = '') => [...entries].filter(([name]) => names.has(`${prefix}${name}`));
  return {
    nowMs,
    constant: Object.fromEntries(within(Object.entries(constant))),
    varying: new Map(within(varying)),
    traits: Object.fromEntries(within(Object.entries(traits), 'traits.')),
  } satisfies Omit<Standstill, 'segments' | 'holding'>;
}

const truths = { holds: Truth.TRUTH_HOLDS, fails: Truth.TRUTH_FAILS, unknown: Truth.TRUTH_UNKNOWN } as const;
const kinds = {
  all: PartKind.PART_KIND_ALL,
  any: PartKind.PART_KIND_ANY,
  not: PartKind.PART_KIND_NOT,
  choice: PartKind.PART_KIND_CHOICE,
  leaf: PartKind.PART_KIND_LEAF,
} as const;

function partMessage({ part, depth, answer, turnsIf, compared }: PartAnswer, told: ReadonlyMap<string, NamedValue>): ConditionPart {
  const names = part.kind === 'leaf' ? [...part.reads.features, ...part.reads.traits.map((name) => `traits.${name}`)] : [];
  return ConditionPart.fromPartial({
    depth,
    kind: kinds[part.kind],
    source: part.source,
    answer: truths[answer],
    values: names.flatMap((name) => told.get(name) ?? []),
    ...(compared && { comparison: compared }),
    turnsIf: turnsIf ? truths[turnsIf] : Truth.TRUTH_UNSPECIFIED,
  });
}

function momentsOf(next: NextAnswer): { changesAtMs?: bigint; unchangedUntilMs?: bigint } {
  if (next.kind === 'at') return { changesAtMs: BigInt(next.atMs) };
  return next.kind === 'unchanged' ? { unchangedUntilMs: BigInt(next.untilMs) } : {};
}
