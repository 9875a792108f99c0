import { rowsOfBaskets, type SparseRows } from '../sparse-rows.ts';
import type { Recommender, Seen, Uses } from './recommender.ts';
import { ScoreSheet } from './score-sheet.ts';
import { seenWeights } from './seen-weights.ts';

/** How items are near to each other. */
export interface CoOccurrenceOptions {
  /** So many nearest items each item names. */
  readonly neighbours: number;
  /** After so many distinct items one of the history says half as much; infinity = all say alike. */
  readonly halfLife: number;
}

/**
 * Item to item: two items are as near as the cosine of the customers who used them, the score of an item is the sum over what was seen of how near it is (Sarwar et al.,
 * WWW 2001; Deshpande and Karypis, TOIS 2004). Fitting takes the sum of squared lengths of the sequences; an answer the seen items times `neighbours`.
 */
export class CoOccurrence implements Recommender {
  readonly #near: readonly Near[];
  readonly #halfLife: number;

  constructor({ itemCount, sequences }: Uses, { neighbours, halfLife }: CoOccurrenceOptions) {
    const itemsOf = rowsOfBaskets(sequences.map(({ items }) => ({ items: [...new Set(Array.from(items))] })));
    const usersOf = itemsOf.transposed(itemCount);
    const together = new ScoreSheet(itemCount);
    this.#near = Array.from({ length: itemCount }, (_, item) => nearTo(item, { itemsOf, usersOf, together, neighbours }));
    this.#halfLife = halfLife;
  }

  /** The same model where one of the history says half as much after so many distinct items: nothing is counted again. */
  withHalfLife(halfLife: number): Recommender {
    return { score: (seen, sheet) => this.#score(seen, sheet, halfLife) };
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    this.#score(seen, sheet, this.#halfLife);
  }

  #score(seen: Seen, sheet: ScoreSheet, halfLife: number): void {
    for (const { item, weight } of seenWeights(seen, this.#near.length, halfLife)) {
      const { items, nearness } = this.#near[item] ?? { items: NOTHING, nearness: NOTHING };
      for (let at = 0; at < items.length; at++) sheet.add(items[at] ?? 0, weight * (nearness[at] ?? 0));
    }
  }
}

const NOTHING = new Float64Array(0);

interface Near {
  readonly items: ArrayLike<number>;
  readonly nearness: ArrayLike<number>;
}

interface Counting {
  readonly itemsOf: SparseRows;
  readonly usersOf: SparseRows;
  readonly together: ScoreSheet;
  readonly neighbours: number;
}

function nearTo(item: number, { itemsOf, usersOf, together, neighbours }: Counting): Near {
  together.clear();
  const own = usersOf.of(item).length;
  for (const user of usersOf.of(item)) for (const other of itemsOf.of(user)) if (other !== item) together.add(other, 1);
  for (const other of together.touched) together.values[other] = together.of(other) / Math.sqrt(own * usersOf.of(other).length);
  const best = together.best(neighbours);
  return { items: Uint32Array.from(best, (one) => one.item), nearness: Float64Array.from(best, ({ score }) => score) };
}
