import type { StateReader, StateWriter } from './state-bytes.ts';

/** A number and when it was seen. */
export interface Seen {
  readonly atMs: number;
  readonly value: number;
}

/** The newest first, of one moment the greater value: the newest of two such lists together are those of all, so order cannot matter. */
export type RecentValues = readonly Seen[];

/** So many are kept at most. */
export const RECENT_MAX = 512;

/** The bytes of the longest list: seven for the first moment, at most seven for each way to the next, and what a value takes. */
export const recentBytesMax = (valueBytes: number): number => 8 + RECENT_MAX * (7 + valueBytes);

/** Both lists together, each sight as often as it occurs. */
export const joinValues = (a: RecentValues, b: RecentValues): RecentValues => walk(a, b, () => false);

/** Both lists together, of each value its newest sight only. */
export function joinDistinct(a: RecentValues, b: RecentValues): RecentValues {
  const seen = new Set<number>();
  return walk(a, b, ({ value }) => {
    const known = seen.has(value);
    seen.add(value);
    return known;
  });
}

/** Those that are in the window at `nowMs`: not older than `windowMs`, to the millisecond. */
export const inWindow = (list: RecentValues, nowMs: number, windowMs: number): RecentValues => {
  const beyond = list.findIndex(({ atMs }) => atMs < nowMs - windowMs);
  return beyond < 0 ? list : list.slice(0, beyond);
};

/** When the oldest of the window leaves it, in ms; undefined when there is none. */
export function leavesMs(list: RecentValues, nowMs: number, windowMs: number): number | undefined {
  const oldest = inWindow(list, nowMs, windowMs).at(-1);
  return oldest && oldest.atMs + windowMs + 1;
}

export function writeValues(writer: StateWriter, list: RecentValues, write: (value: number) => void): StateWriter {
  writer.whole(list.length);
  let after = 0;
  for (const { atMs, value } of list) {
    writer.whole(after - atMs);
    write(value);
    after = atMs;
  }
  return writer;
}

export function readValues(reader: StateReader, read: () => number): RecentValues {
  let after = 0;
  return Array.from({ length: reader.whole() }, () => {
    after -= reader.whole();
    return { atMs: after, value: read() };
  });
}

const newestFirst = (a: Seen, b: Seen): number => b.atMs - a.atMs || b.value - a.value;

/** One walk along both lists, newest first, until RECENT_MAX are found. */
function walk(a: RecentValues, b: RecentValues, skips: (seen: Seen) => boolean): RecentValues {
  const all: Seen[] = [];
  for (let i = 0, j = 0; all.length < RECENT_MAX; ) {
    const [left, right] = [a[i], b[j]];
    const next = left !== undefined && (right === undefined || newestFirst(left, right) <= 0) ? left : right;
    if (next === undefined) break;
    if (next === left) i++;
    else j++;
    if (!skips(next)) all.push(next);
  }
  return all;
}
