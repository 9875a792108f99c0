/** An item and what it got. */
export interface ItemScore {
  readonly item: number;
  readonly score: number;
}

/** Scores by item in columns that are used again and again: clearing costs nothing, and an answer makes no object for an item. */
export class ScoreSheet {
  /** By number; of this round only where `has` says so. */
  readonly values: Float64Array;
  readonly #round: Uint32Array;
  readonly #touched: Uint32Array;
  #now = 1;
  #count = 0;

  /** For numbers below `itemCount`. */
  constructor(itemCount: number) {
    this.values = new Float64Array(itemCount);
    this.#round = new Uint32Array(itemCount);
    this.#touched = new Uint32Array(itemCount);
  }

  /** The items that have a score, in the order in which they got one. Valid until the sheet is cleared. */
  get touched(): Uint32Array {
    return this.#touched.subarray(0, this.#count);
  }

  /** True where the item has a score. */
  has(item: number): boolean {
    return this.#round[item] === this.#now;
  }

  /** The score of the item, 0 where it has none. */
  of(item: number): number {
    return this.has(item) ? (this.values[item] ?? 0) : 0;
  }

  /** Adds to the score of an item. */
  add(item: number, amount: number): void {
    if (this.#round[item] === this.#now) {
      this.values[item] = (this.values[item] ?? 0) + amount;
      return;
    }
    this.#round[item] = this.#now;
    this.values[item] = amount;
    this.#touched[this.#count++] = item;
  }

  /** Takes all scores away. */
  clear(): void {
    this.#count = 0;
    this.#now++;
    if (this.#now < 2 ** 32) return;
    this.#round.fill(0);
    this.#now = 1;
  }

  /** The best `count` items that are allowed, best first; among equals the smaller number. O(items with a score, plus those that find a place times `count`). */
  best(count: number, allows: (item: number) => boolean = () => true): readonly ItemScore[] {
    const best: ItemScore[] = [];
    let floor = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < this.#count; at++) {
      const item = this.#touched[at] ?? 0;
      const score = this.values[item] ?? 0;
      if (best.length === count && score < floor) continue;
      if (count === 0 || Number.isNaN(score) || !allows(item)) continue;
      const place = placeOf(best, item, score);
      if (place === count) continue;
      best.splice(place, 0, { item, score });
      if (best.length > count) best.pop();
      floor = best.at(-1)?.score ?? floor;
    }
    return best;
  }
}

/** How many of the best stand before it. */
function placeOf(best: readonly ItemScore[], item: number, score: number): number {
  let place = best.length;
  while (place > 0) {
    const before = best[place - 1];
    if (before === undefined || before.score > score || (before.score === score && before.item < item)) break;
    place--;
  }
  return place;
}
