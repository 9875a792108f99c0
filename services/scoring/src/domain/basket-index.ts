import type { BasketSet } from './basket-set.ts';
import { BestOf, type Scored } from './best-of.ts';
import { Evidence, type NearItems } from './evidence.ts';
import { ScoreSheet } from './recommenders/score-sheet.ts';
import { rowsOfBaskets } from './sparse-rows.ts';
import type { Vocabulary } from './vocabulary.ts';

/** An item that was bought together with another one. */
export interface Neighbour extends Scored {
  readonly number: number;
}

/** What baskets say of items. Answers depend on baskets and moment alone: every sum is one of whole numbers, so their order is without effect. */
export interface BasketIndex {
  readonly vocabulary: Vocabulary;
  /** The number of an item that some basket holds; undefined for any other, also one that came since. */
  find(id: string): number | undefined;
  /** The NEIGHBOURS_MAX items that were bought together with the item most, best first; none for an item that was not bought. */
  nearTo(item: number): NearItems;
  /** The same with their names. */
  neighboursOf(item: number): readonly Neighbour[];
  /** How much the item is bought these days, from 0 to 1: that of the most popular one. */
  popularityOf(item: number): number;
  /** All items of the baskets, the most popular first, ties by id. */
  readonly popular: readonly number[];
  /** Room for one answer at a time to work in; whoever works in it clears it first. */
  readonly evidence: Evidence;
  readonly sheet: ScoreSheet;
}

/** So many neighbours an item has at most. */
export const NEIGHBOURS_MAX = 100;
/** After so many days a purchase counts half for popularity: what is in season counts. */
const POPULAR_HALF_LIFE_DAYS = 14;
const DAY_MS = 86_400_000;
/** One, as a whole number. */
const SCALE = 2 ** 20;

/**
 * Works out the index of baskets as of a moment. Two items are as near as the cosine of the baskets that they are in, each basket weighing 1 over its items,
 * so that a long one says less of each pair (Sarwar et al. 2001; Deshpande and Karypis 2004).
 */
export function basketIndex(baskets: BasketSet, atMs: number, vocabulary: Vocabulary): BasketIndex {
  const { size } = vocabulary;
  const itemsOf = rowsOfBaskets(baskets);
  const basketsOf = itemsOf.transposed(size);
  const weights = Float64Array.from(baskets, ({ items }) => Math.round(SCALE / items.length));
  const norms = basketsOf.sums(weights);
  const scores = basketsOf.sums(Float64Array.from(baskets, ({ atMs: boughtMs }) => recency(atMs - boughtMs)));
  const popular = mostPopular(scores, vocabulary);
  const most = scores[popular[0] ?? 0] || 1;
  const together = new Float64Array(size);
  const known = new Map<number, NearItems>();
  const neighboursOf = (item: number): readonly Neighbour[] => {
    const found: number[] = [];
    for (const basket of basketsOf.of(item)) {
      const weight = weights[basket] ?? 0;
      for (const other of itemsOf.of(basket)) {
        if (together[other] === 0) found.push(other);
        together[other] = (together[other] ?? 0) + weight;
      }
    }
    const best = new BestOf<Neighbour>(NEIGHBOURS_MAX);
    const norm = norms[item] ?? 0;
    for (const other of found) {
      const score = (together[other] ?? 0) / Math.sqrt(norm * (norms[other] ?? 0));
      together[other] = 0;
      if (other !== item && score >= best.floor) best.offer({ number: other, id: vocabulary.textOf(other), score });
    }
    return best.sorted();
  };
  return {
    vocabulary,
    find: (id) => {
      const number = vocabulary.find(id);
      return number !== undefined && (norms[number] ?? 0) > 0 ? number : undefined;
    },
    nearTo: (item) => {
      const before = known.get(item);
      if (before !== undefined) return before;
      const near = inColumns(item < size ? neighboursOf(item) : []);
      known.set(item, near);
      return near;
    },
    neighboursOf: (item) => (item < size ? neighboursOf(item) : []),
    popularityOf: (item) => (scores[item] ?? 0) / most,
    popular,
    evidence: new Evidence(size),
    sheet: new ScoreSheet(size),
  };
}

const inColumns = (neighbours: readonly Neighbour[]): NearItems => ({
  items: Uint32Array.from(neighbours, ({ number }) => number),
  nearness: Float64Array.from(neighbours, ({ score }) => score),
});

/** What a purchase of that age counts, as a whole number: halves every half-life. */
const recency = (ageMs: number): number => Math.round(SCALE * 2 ** (-Math.max(0, ageMs) / DAY_MS / POPULAR_HALF_LIFE_DAYS));

function mostPopular(scores: Float64Array, vocabulary: Vocabulary): readonly number[] {
  const bought: number[] = [];
  for (const [item, score] of scores.entries()) if (score > 0) bought.push(item);
  const byId = (a: number, b: number): number => (vocabulary.textOf(a) < vocabulary.textOf(b) ? -1 : 1);
  return bought.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || byId(a, b));
}
