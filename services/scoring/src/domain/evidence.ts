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

  /** The item was bought together with the speaker. */
  together(part: 'near' | 'beside', item: number, { speaker, share }: { readonly speaker: number; readonly share: number }): void {
    this.#touch(item);
    const column = this[part];
    column[item] = (column[item] ?? 0) + share;
    if (share <= (this.#most[item] ?? 0)) return;
    this.#most[item] = share;
    this.nearest[item] = speaker;
  }

  /** Forgets everything. */
  clear(): void {
    for (const item of this.#touched) for (const column of [this.again, this.near, this.beside, this.#most, this.nearest, this.#stood]) column[item] = 0;
    this.#touched.length = 0;
  }

  #touch(item: number): void {
    if (this.#stood[item] === 1) return;
    this.#stood[item] = 1;
    this.#touched.push(item);
  }
}
