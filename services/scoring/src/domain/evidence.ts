/** Items that were bought together with one, and how near each is, in columns. */
export interface NearItems {
  readonly items: Uint32Array;
  readonly nearness: Float64Array;
}

/** Places in the row of an item. */
const [AGAIN, NEAR, BESIDE, MOST, NEAREST, STOOD, POPULARITY, WIDTH] = [0, 1, 2, 3, 4, 5, 6, 8] as const;

/**
 * What speaks for items, by number, in room that is used again and again: an answer touches thousands of items and makes no object for them. All that is known of one item
 * lies in a row of 64 bytes, which a processor fetches at once: of many items that, and not adding, is what an answer takes.
 */
export class Evidence {
  readonly #rows: Float64Array;
  readonly #touched: number[] = [];

  /** One item for each popularity, from 0 to 1. */
  constructor(popularity: Float64Array) {
    this.#rows = new Float64Array(popularity.length * WIDTH);
    for (let item = 0; item < popularity.length; item++) this.#rows[item * WIDTH + POPULARITY] = popularity[item] as number;
  }

  /** The items that something speaks for. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** True where something speaks for the item. */
  has(item: number): boolean {
    return this.#rows[item * WIDTH + STOOD] === 1;
  }

  /** How much the item is bought these days. */
  popularityOf(item: number): number {
    return this.#rows[item * WIDTH + POPULARITY] ?? 0;
  }

  /** What the customer bought it for itself. */
  againOf(item: number): number {
    return this.#rows[item * WIDTH + AGAIN] ?? 0;
  }

  /** What was bought together with it of the history. */
  nearOf(item: number): number {
    return this.#rows[item * WIDTH + NEAR] ?? 0;
  }

  /** What was bought together with it of the context. */
  besideOf(item: number): number {
    return this.#rows[item * WIDTH + BESIDE] ?? 0;
  }

  /** The item that added most to these two. */
  nearestOf(item: number): number {
    return this.#rows[item * WIDTH + NEAREST] ?? 0;
  }

  /** The customer bought the item. */
  bought(item: number, weight: number): void {
    this.#touch(item);
    this.#rows[item * WIDTH + AGAIN] = weight;
  }

  /** These items were bought together with the speaker: each gets `weight` by how near it is. An answer comes by here five thousand times. */
  together(part: 'near' | 'beside', { items, nearness }: NearItems, { speaker, weight }: { readonly speaker: number; readonly weight: number }): void {
    const rows = this.#rows;
    const place = part === 'near' ? NEAR : BESIDE;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as number;
      const row = item * WIDTH;
      const share = weight * (nearness[i] as number);
      if (rows[row + STOOD] !== 1) this.#touch(item);
      rows[row + place] = (rows[row + place] as number) + share;
      if (share <= (rows[row + MOST] as number)) continue;
      rows[row + MOST] = share;
      rows[row + NEAREST] = speaker;
    }
  }

  /** Forgets everything but how popular items are. */
  clear(): void {
    for (const item of this.#touched) this.#rows.fill(0, item * WIDTH, item * WIDTH + POPULARITY);
    this.#touched.length = 0;
  }

  #touch(item: number): void {
    if (this.has(item)) return;
    this.#rows[item * WIDTH + STOOD] = 1;
    this.#touched.push(item);
  }
}
