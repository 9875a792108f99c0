/** Items that were bought together with one, and how near each is, in columns. */
export interface NearItems {
  readonly items: Uint32Array;
  readonly nearness: Float64Array;
}

/** What speaks for items, by number, in columns that are used again and again: an answer touches a thousand items and makes no object for them. */
export class Evidence {
  /** What the customer bought it for itself. */
  readonly again: Float64Array;
  /** What was bought together with it of the history, and of the context. */
  readonly near: Float64Array;
  readonly beside: Float64Array;
  /** The item that added most to these two. */
  readonly nearest: Uint32Array;
  readonly #most: Float64Array;
  readonly #stood: Uint8Array;
  readonly #touched: number[] = [];

  /** For numbers below `size`. */
  constructor(size: number) {
    [this.again, this.near, this.beside, this.#most] = [new Float64Array(size), new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    this.nearest = new Uint32Array(size);
    this.#stood = new Uint8Array(size);
  }

  /** The items that something speaks for. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** True where something speaks for the item. */
  has(item: number): boolean {
    return this.#stood[item] === 1;
  }

  /** The customer bought the item. */
  bought(item: number, weight: number): void {
    this.#touch(item);
    this.again[item] = weight;
  }

  /** These items were bought together with the speaker: each gets `weight` by how near it is. An answer comes by here five thousand times. */
  together(part: 'near' | 'beside', { items, nearness }: NearItems, { speaker, weight }: { readonly speaker: number; readonly weight: number }): void {
    const [column, most, nearest] = [this[part], this.#most, this.nearest];
    for (let i = 0; i < items.length; i++) {
      const item = items[i] ?? 0;
      const share = weight * (nearness[i] ?? 0);
      this.#touch(item);
      column[item] = (column[item] ?? 0) + share;
      if (share > (most[item] ?? 0)) {
        most[item] = share;
        nearest[item] = speaker;
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    const [again, near, beside, most, nearest, stood] = [this.again, this.near, this.beside, this.#most, this.nearest, this.#stood];
    for (const item of this.#touched) {
      again[item] = near[item] = beside[item] = most[item] = 0;
      nearest[item] = stood[item] = 0;
    }
    this.#touched.length = 0;
  }

  #touch(item: number): void {
    if (this.#stood[item] === 1) return;
    this.#stood[item] = 1;
    this.#touched.push(item);
  }
}
