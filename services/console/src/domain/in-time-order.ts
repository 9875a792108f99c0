import type { Entry } from './entry.ts';

/** Puts an item where its time says, after all that are not later, and lets go of the oldest above `max`, which is the answer; the list is in order already, the oldest first. */
export function putInTimeOrder<T>(list: T[], item: T, { entryOf, max }: { readonly entryOf: (item: T) => Entry; readonly max: number }): T | undefined {
  let at = list.length;
  for (let before = list[at - 1]; before !== undefined && isLater(entryOf(before), entryOf(item)); before = list[at - 1]) at--;
  list.splice(at, 0, item);
  return list.length > max ? list.shift() : undefined;
}

const isLater = (a: Entry, b: Entry): boolean => a.atMs > b.atMs || (a.atMs === b.atMs && RANK[a.kind] > RANK[b.kind]);

/** What causes what, where both happened in the same millisecond. */
const RANK: Readonly<Record<Entry['kind'], number>> = { rejected: 0, event: 0, consent: 0, left: 1, entered: 2, decided: 3, delivery: 4 };
