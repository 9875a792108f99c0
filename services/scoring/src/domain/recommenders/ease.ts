import { rowsOfBaskets, type SparseRows } from '../sparse-rows.ts';
import { invertSymmetric } from './invert-symmetric.ts';
import type { Recommender, Seen, Uses } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import { seenWeights } from './seen-weights.ts';

/** How strongly weights between items are held down. */
export interface EaseOptions {
  /** Added to the diagonal of the items' Gram matrix. */
  readonly lambda: number;
  /** From 0 to below 1: as if so large a share of each customer's items had been hidden in training (Steck, NeurIPS 2020); 0 = EASE itself. */
  readonly dropout: number;
  /** After so many distinct items one of the history says half as much; infinity = all say alike. */
  readonly halfLife: number;
  /** Which inverse is worked out: by items, by customers, or the smaller of both. They agree but for rounding. */
  readonly by?: 'items' | 'customers' | 'smaller';
}

/** What the two ways of working it out share: P times a vector over items, and P's diagonal. */
interface Precision {
  readonly diagonal: Float64Array;
  times(vector: Float64Array): Float64Array;
}

/**
 * EASE^R (Steck, WWW 2019): the linear model of items by items without a diagonal that foretells each customer's row best, in closed form: with P the inverse of
 * XᵀX + Λ an item's weights are its row of -P over P's diagonal. Fitting takes min(items, customers)³ / 2 multiplications: where customers are fewer, P is had from the
 * inverse of their matrix (Woodbury), and B is never written down. An answer takes the square of the smaller number. Beyond some 5,000 of the smaller take something else.
 */
export class Ease implements Recommender {
  readonly #precision: Precision;
  readonly #itemCount: number;
  readonly #halfLife: number;

  constructor({ itemCount, sequences }: Uses, { lambda, dropout, halfLife, by = 'smaller' }: EaseOptions) {
    const rows = rowsOfBaskets(sequences.map(({ items }) => ({ items: [...new Set(Array.from(items))] })));
    const columns = rows.transposed(itemCount);
    const held = Float64Array.from({ length: itemCount }, (_, item) => lambda + (dropout / (1 - dropout)) * columns.of(item).length);
    const byItems = by === 'smaller' ? itemCount <= rows.count : by === 'items';
    this.#precision = byItems ? precisionByItems(rows, held) : precisionByCustomers(rows, columns, held);
    this.#itemCount = itemCount;
    this.#halfLife = halfLife;
  }

  /** The same model where one of the history says half as much after so many distinct items: nothing is fitted again. */
  withHalfLife(halfLife: number): Recommender {
    return { score: (seen, sheet) => this.#score(seen, sheet, halfLife) };
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    this.#score(seen, sheet, this.#halfLife);
  }

  #score(seen: Seen, sheet: ScoreSheet, halfLife: number): void {
    const history = new Float64Array(this.#itemCount);
    for (const { item, weight } of seenWeights(seen, this.#itemCount, halfLife)) history[item] = weight;
    const { diagonal } = this.#precision;
    for (const [item, sum] of this.#precision.times(history).entries()) sheet.add(item, (history[item] as number) - sum / (diagonal[item] as number));
  }
}

function precisionByItems(rows: SparseRows, held: Float64Array): Precision {
  const size = held.length;
  const gram = new Float64Array(size * size);
  for (let row = 0; row < rows.count; row++)
    for (const a of rows.of(row)) for (const b of rows.of(row)) gram[a * size + b] = (gram[a * size + b] as number) + 1;
  for (let item = 0; item < size; item++) gram[item * size + item] = (gram[item * size + item] as number) + (held[item] as number);
  const inverse = invertSymmetric(gram, size);
  return { diagonal: Float64Array.from({ length: size }, (_, item) => inverse[item * size + item] as number), times: (vector) => product(inverse, vector) };
}

/** P = Λ⁻¹ - Λ⁻¹ Xᵀ (X Λ⁻¹ Xᵀ + I)⁻¹ X Λ⁻¹. */
function precisionByCustomers(rows: SparseRows, columns: SparseRows, held: Float64Array): Precision {
  const size = rows.count;
  const kernel = new Float64Array(size * size);
  for (let item = 0; item < held.length; item++)
    for (const a of columns.of(item)) for (const b of columns.of(item)) kernel[a * size + b] = (kernel[a * size + b] as number) + 1 / (held[item] as number);
  for (let row = 0; row < size; row++) kernel[row * size + row] = (kernel[row * size + row] as number) + 1;
  const inverse = invertSymmetric(kernel, size);
  const diagonal = Float64Array.from(held, (own, item) => {
    let sum = 0;
    for (const a of columns.of(item)) for (const b of columns.of(item)) sum += inverse[a * size + b] as number;
    return 1 / own - sum / own ** 2;
  });
  return {
    diagonal,
    times: (vector) => {
      const scaled = vector.map((value, item) => value / (held[item] as number));
      const back = columns.sums(product(inverse, rows.sums(scaled)));
      return scaled.map((value, item) => value - (back[item] as number) / (held[item] as number));
    },
  };
}

/** A symmetric matrix times a vector that is mostly 0. */
function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const sums = new Float64Array(size);
  for (const [row, value] of vector.entries()) {
    if (value === 0) continue;
    const start = row * size;
    for (let column = 0; column < size; column++) sums[column] = (sums[column] as number) + value * (matrix[start + column] as number);
  }
  return sums;
}
