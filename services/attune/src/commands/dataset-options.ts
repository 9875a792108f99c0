import { readFileSync } from 'node:fs';
import type { Configuration, Label, Moments, View } from '@attune/configuration/configuration';
import { columnClash } from '@attune/configuration/dataset-columns';
import { durationMs } from '@attune/configuration/durations';
import type { DatasetAsked } from '@attune/feature-store/composition';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';

/** The words of `attune dataset`, as they are typed. */
export interface DatasetWords {
  readonly view?: string;
  readonly purpose?: string;
  readonly each?: string;
  readonly every?: string;
  /** True without a campaign. */
  readonly decisions?: string | true;
  readonly from?: string;
  readonly to?: string;
  readonly share: string;
  readonly seed: string;
  readonly asRecorded: boolean;
  /** A manifest. */
  readonly positions?: string;
  readonly maxRows: string;
}

/** What they ask for. @throws AttuneError REQUEST_INVALID that names the word and the fix */
export function datasetAsked(configuration: Configuration, name: string, words: DatasetWords): Omit<DatasetAsked, 'tenant' | 'configuration' | 'document'> {
  const label = known('label', name, configuration.labels);
  const view = words.view === undefined ? known('view', label.view, configuration.views) : known('--view', words.view, configuration.views);
  const clash = columnClash(label.name, view.name, view.features);
  if (clash !== undefined) throw invalid(`${clash.fault} ${words.view === undefined ? clash.fix : 'Name another --view, or give the label another name.'}`);
  const fromMs = time('--from', words.from);
  const toMs = time('--to', words.to);
  return {
    ...{ label, view, purpose: purposeOf(configuration, { label, view, words }), moments: momentsOf(configuration, label, words) },
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...{ share: shareOf(words.share), seed: words.seed, asRecorded: words.asRecorded, rowsMax: wholeOf('--max-rows', words.maxRows) },
    ...(words.positions !== undefined && { endOffsets: endOffsetsOf(words.positions) }),
  };
}

const invalid = (detail: string): AttuneError => new AttuneError('REQUEST_INVALID', detail);

function known<Named extends Label | View>(what: string, name: string, among: readonly Named[]): Named {
  const found = among.find((one) => one.name === name);
  if (found) return found;
  const noun = what.replace('--', '');
  if (among.length === 0) throw invalid(`The configuration declares no ${noun}s. Declare one under ${noun}s.`);
  throw invalid(
    `There is no ${noun} ${name}. ${spelling(
      name,
      among.map((one) => one.name),
    )}`,
  );
}

interface PurposeOf {
  readonly label: Label;
  readonly view: View;
  readonly words: DatasetWords;
}

/** Another view has a purpose of its own, where the label's is not said to hold for it. */
function purposeOf({ purposes }: Configuration, { label, view, words: { purpose, view: other } }: PurposeOf): string {
  const wanted = purpose ?? (other === undefined ? label.purpose : (view.purpose ?? label.purpose));
  if (!Object.hasOwn(purposes, wanted)) throw invalid(`--purpose: there is no purpose ${wanted}. ${spelling(wanted, Object.keys(purposes))}`);
  return wanted;
}

function momentsOf({ events, campaigns }: Configuration, label: Label, { each, every, decisions }: DatasetWords): Moments {
  if ([each, every, decisions].filter((one) => one !== undefined).length > 1) throw invalid('Give one of --each, --every and --decisions.');
  if (each !== undefined) {
    if (!Object.hasOwn(events, each)) throw invalid(`--each: there is no event ${each}. ${spelling(each, Object.keys(events))}`);
    return { kind: 'each', event: each };
  }
  if (every !== undefined) {
    const everyMs = durationMs(every);
    if (everyMs === undefined) throw invalid(`--every: ${every} is not a duration. Write a whole number and s, m, h, d or y, such as 7d.`);
    return { kind: 'every', everyMs };
  }
  if (decisions === undefined) return label.moments;
  if (decisions === true) return { kind: 'decisions' };
  const names = campaigns.map(({ name }) => name);
  if (!names.includes(decisions)) throw invalid(`--decisions: there is no campaign ${decisions}. ${spelling(decisions, names)}`);
  return { kind: 'decisions', campaign: decisions };
}

function time(word: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) || Number.isNaN(ms))
    throw invalid(`${word}: ${text} is no date. Write 2026-01-31, which begins at midnight UTC, or 2026-01-31T08:00:00Z.`);
  return ms;
}

function shareOf(text: string): number {
  const share = Number(/^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN) / 100;
  if (!(share > 0 && share <= 1)) throw invalid(`--share: ${text} is not a part of the customers. Write more than 0% and at most 100%, such as 10%.`);
  return share;
}

function wholeOf(word: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid(`${word}: ${text} is no whole number above 0.`);
  return Number(text);
}

function endOffsetsOf(path: string): readonly number[] {
  try {
    const { log } = JSON.parse(readFileSync(path, 'utf8')) as { readonly log: { readonly positions: readonly { readonly end_offset: number }[] } };
    return log.positions.map(({ end_offset: end }) => end);
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', `--positions: ${path} is no manifest of a dataset.`, fault);
  }
}
