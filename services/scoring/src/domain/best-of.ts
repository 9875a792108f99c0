/** Something to be ranked. */
export interface Scored {
  readonly score: number;
  readonly id: string;
}

/** Best first: the greater score, among equals the smaller id. */
export const bestFirst = (a: Scored, b: Scored): number => b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Keeps the best `max` of all that it is offered, in a heap whose root is the worst of them: most offers cost one comparison. */
export class BestOf<One extends Scored> {
  readonly #max: number;
  readonly #heap: One[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** The score below which nothing is kept any more; minus infinity while there is room. */
  get floor(): number {
    return this.#heap.length < this.#max ? Number.NEGATIVE_INFINITY : (this.#heap[0]?.score ?? Number.POSITIVE_INFINITY);
  }

  /** Takes it where it is among the best so far. */
  offer(one: One): void {
    const worst = this.#heap[0];
    if (this.#heap.length < this.#max) this.#rise(one);
    else if (worst !== undefined && bestFirst(one, worst) < 0) this.#sink(one);
  }

  /** The best, best first. */
  sorted(): readonly One[] {
    return this.#heap.toSorted(bestFirst);
  }

  #rise(one: One): void {
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || bestFirst(parent, one) >= 0) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = one;
  }

  #sink(one: One): void {
    let at = 0;
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
      if (left === undefined) break;
      const [worse, below] = right !== undefined && bestFirst(right, left) > 0 ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (bestFirst(worse, one) <= 0) break;
      this.#heap[at] = worse;
      at = below;
    }
    this.#heap[at] = one;
  }
}
