import { BINS_BYTES_MAX, type Bins, binsOf, countOf, joinBins, numberAt, readBins, writeBins } from './bins.ts';
import { type FeatureKind, type FeatureReading, missing, numberOf, present } from './feature-kind.ts';
import { inWindow, joinValues, type RecentValues, readValues, recentBytesMax, writeValues } from './recent-values.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;

/** Over all time a histogram; in a window the newest numbers. */
export type Percentile = undefined | { readonly kind: 'all'; readonly bins: Bins } | { readonly kind: 'window'; readonly numbers: RecentValues };

/**
 * The least number of a field that is at least as great as so many percent of them (the nearest rank). Missing where no event carries one. Over all time
 * exact up to 512 different numbers, above it with a relative error: see Bins. In a window exact up to 512 events; of more, the newest 512 count.
 */
export const percentile: FeatureKind<Percentile> = {
  spec: {
    keyword: 'percentile',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      p: { type: 'percent', required: true, doc: 'Which percentile: 50 is the median.' },
      window: { type: 'window', required: false, doc: 'Only events that are not older than this count, to the millisecond; all time when absent.' },
    },
    result: 'number',
    bytesMax: ({ windowMs }) => 8 + (windowMs === undefined ? BINS_BYTES_MAX : recentBytesMax(8)),
    doc: 'The least number that is at least as great as `p` percent of those that the events carry. Exact up to 512 different numbers over all time, above it off by at most 1.6 % where the greatest is 1,000 times the least, 3.2 % at a million times; in a window, of the newest 512 events.',
  },
  init: () => undefined,
  step(state, event, declaration) {
    const value = numberOf(event, declaration);
    if (value === undefined) return state;
    if (declaration.windowMs === undefined) return join(state, { kind: 'all', bins: binsOf(value) });
    return join(state, { kind: 'window', numbers: [{ atMs: event.timestampMs, value }] });
  },
  merge: join,
  read(state, nowMs, { windowMs = 0, percent = 50 }) {
    if (state === undefined) return missing;
    if (state.kind === 'all') return present(numberAt(state.bins, rankOf(percent, countOf(state.bins))));
    return ofNumbers(inWindow(state.numbers, nowMs, windowMs), percent);
  },
  nextChangeMs(state, nowMs, { windowMs = 0, percent = 50 }) {
    if (state?.kind !== 'window') return undefined;
    const within = inWindow(state.numbers, nowMs, windowMs);
    const now = plainOf(ofNumbers(within, percent));
    for (let left = within.length; left > 0; ) {
      const leaving = within[left - 1]?.atMs ?? 0;
      while (left > 0 && within[left - 1]?.atMs === leaving) left--;
      if (plainOf(ofNumbers(within.slice(0, left), percent)) !== now) return leaving + windowMs + 1;
    }
    return undefined;
  },
  encode(state) {
    const writer = new StateWriter(VERSION);
    if (state === undefined) return writer.whole(NOTHING).done();
    if (state.kind === 'all') return writeBins(writer.whole(ALL), state.bins).done();
    return writeValues(writer.whole(WINDOW), state.numbers, (value) => writer.double(value)).done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    const tag = reader.whole();
    if (tag === NOTHING) return undefined;
    return tag === ALL ? { kind: 'all', bins: readBins(reader) } : { kind: 'window', numbers: readValues(reader, () => reader.double()) };
  },
};

const [NOTHING, ALL, WINDOW] = [0, 1, 2] as const;

function join(a: Percentile, b: Percentile): Percentile {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.kind === 'all' && b.kind === 'all') return { kind: 'all', bins: joinBins(a.bins, b.bins) };
  return a.kind === 'window' && b.kind === 'window' ? { kind: 'window', numbers: joinValues(a.numbers, b.numbers) } : a;
}

const rankOf = (percent: number, count: number): number => Math.max(1, Math.ceil((percent * count) / 100));

function ofNumbers(numbers: RecentValues, percent: number): FeatureReading {
  if (numbers.length === 0) return missing;
  const ascending = numbers.map(({ value }) => value).toSorted((a, b) => a - b);
  return present(ascending[rankOf(percent, numbers.length) - 1] ?? 0);
}

const plainOf = (reading: FeatureReading): unknown => (reading.status === 'present' ? reading.value : undefined);
