/** One purchase as the index knows it: what, when, and where it lies in the log; not whose. */
export interface Basket {
  readonly atMs: number;
  readonly partition: number;
  readonly offset: number;
  /** Numbers of the vocabulary, none twice. */
  readonly items: readonly number[];
}

/** The newest baskets first. Of two such sets together the newest are those of all: so neither order nor repeats nor the size of steps matter. */
export type BasketSet = readonly Basket[];

/** So many of one basket's items count: the first ones. A larger one is a wholesaler's or a test's, and its pairs would outweigh those of many. */
export const BASKET_ITEMS_MAX = 50;

/** The newest `max` baskets of both; a basket that lies in both counts once. */
export function newestBaskets(known: BasketSet, more: readonly Basket[], max: number): BasketSet {
  const sorted = more.toSorted(newestFirst);
  const all: Basket[] = [];
  for (let i = 0, j = 0; all.length < max && (i < known.length || j < sorted.length); ) {
    const [a, b] = [known[i], sorted[j]];
    const order = a === undefined ? 1 : b === undefined ? -1 : newestFirst(a, b);
    const next = order <= 0 ? a : b;
    if (order <= 0) i++;
    else j++;
    const last = all.at(-1);
    if (next !== undefined && (last === undefined || newestFirst(last, next) !== 0)) all.push(next);
  }
  return all;
}

const newestFirst = (a: Basket, b: Basket): number => b.atMs - a.atMs || a.partition - b.partition || a.offset - b.offset;
