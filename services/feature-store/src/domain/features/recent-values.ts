import type { StateReader, StateWriter } from './state-bytes.ts';

/** A value and when it was seen. */
export interface Seen<V extends number | string> {
  readonly atMs: number;
  readonly value: V;
}

/** The newest first, of one moment the greater value, numbers before texts: the newest of two such lists together are those of all, so order cannot matter. */
export type RecentValues<V extends number | string = number> = readonly Seen<V>[];

/** So many are kept at most, where a kind does not say otherwise. */
export const RECENT_MAX = 512;

/** The bytes of the longest list: seven for the first moment, at most seven for each way to the next, and what a value takes. */
export const recentBytesMax = (valueBytes: number): number => 8 + RECENT_MAX * (7 + valueBytes);

/** Both lists together, each sight as often as it occurs. */
export const joinValues = <V extends number | string>(a: RecentValues<V>, b: RecentValues<V>, max = RECENT_MAX): RecentValues<V> =>
  walk(a, b, { max, skips: () => false });

/** Both lists together, of each value its newest sight only. */
export function joinDistinct<V extends number | string>(a: RecentValues<V>, b: RecentValues<V>, max = RECENT_MAX): RecentValues<V> {
  const seen = new Set<V>();
  const skips = ({ value }: Seen<V>): boolean => {
    const known = seen.has(value);
    seen.add(value);
    return known;
  };
  return walk(a, b, { max, skips });
}

/** Those that are in the window at `nowMs`: not older than `windowMs`, to the millisecond. */
export const inWindow = <S extends { readonly atMs: number }>(list: readonly S[], nowMs: number, windowMs: number): readonly S[] => {
  const beyond = list.findIndex(({ atMs }) => atMs < nowMs - windowMs);
  return beyond < 0 ? list : list.slice(0, beyond);
};

/** When the oldest of the window leaves it, in ms; undefined when there is none. */
export function leavesMs(list: readonly { readonly atMs: number }[], nowMs: number, windowMs: number): number | undefined {
  const oldest = inWindow(list, nowMs, windowMs).at(-1);
  return oldest && oldest.atMs + windowMs + 1;
}

export function writeValues<V extends number | string>(writer: StateWriter, list: RecentValues<V>, write: (value: V) => void): StateWriter {
  writer.whole(list.length);
  let after = 0;
  for (const { atMs, value } of list) {
    writer.whole(after - atMs);
    write(value);
    after = atMs;
  }
  return writer;
}

export function readValues<V extends number | string>(reader: StateReader, read: () => V): RecentValues<V> {
  let after = 0;
  return Array.from({ length: reader.whole() }, () => {
    after -= reader.whole();
    return { atMs: after, value: read() };
  });
}

/** The order of such lists. */
export function newestFirst(a: Seen<number | string>, b: Seen<number | string>): number {
  if (a.atMs !== b.atMs || a.value === b.value) return b.atMs - a.atMs;
  if (typeof a.value !== typeof b.value) return typeof a.value === 'number' ? -1 : 1;
  return a.value > b.value ? -1 : 1;
}

interface Walking<V extends number | string> {
  readonly max: number;
  readonly skips: (seen: Seen<V>) => boolean;
}

/** One walk along both lists, newest first, until `max` are found. */
function walk<V extends number | string>(a: RecentValues<V>, b: RecentValues<V>, { max, skips }: Walking<V>): RecentValues<V> {
  const all: Seen<V>[] = [];
  for (let i = 0, j = 0; all.length < max; ) {
    const [left, right] = [a[i], b[j]];
    const next = left !== undefined && (right === undefined || newestFirst(left, right) <= 0) ? left : right;
    if (next === undefined) break;
    if (next === left) i++;
    else j++;
    if (!skips(next)) all.push(next);
  }
  return all;
}
