import type { Scored } from '../best-of.ts';

/** How unlike the items of an answer are to be. Items without a category are like no other. */
export interface Diversity {
  /** At most so many of one category, the narrowest one; absent = any. */
  readonly perCategory?: number;
  /** From 0 (as unlike as can be) to 1 (only the score counts): maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998); absent = only the score. */
  readonly relevance?: number;
  /** From the widest to the narrowest. */
  readonly categoryOf: (id: string) => readonly string[];
}

/** An answer that is made item by item. */
export class DiverseList<One extends Scored> {
  readonly items: One[] = [];
  readonly #count: number;
  readonly #diversity: Diversity | undefined;
  readonly #ids = new Set<string>();
  readonly #perCategory = new Map<string, number>();

  /** Of at most `count` items. */
  constructor(count: number, diversity: Diversity | undefined) {
    this.#count = count;
    this.#diversity = diversity;
  }

  /** True where nothing more finds a place. */
  get isFull(): boolean {
    return this.items.length >= this.#count;
  }

  /** True where the item stands in it. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Appends an item, unless the list is full or has enough of its category. */
  put(one: One): void {
    const category = this.#categoryOf(one.id).join('/');
    const known = this.#perCategory.get(category) ?? 0;
    if (this.isFull || (category !== '' && known >= (this.#diversity?.perCategory ?? Number.POSITIVE_INFINITY))) return;
    this.#perCategory.set(category, known + 1);
    this.#ids.add(one.id);
    this.items.push(one);
  }

  /** Appends of these, best first, those that find a place: each time the one whose score says most beside how like it is to what stands there. */
  choose(ranked: readonly One[]): void {
    const { relevance } = this.#diversity ?? {};
    if (relevance === undefined) {
      for (const one of ranked) this.put(one);
      return;
    }
    const most = ranked[0]?.score ?? 1;
    const left = ranked.map((one) => ({ one, likeness: Math.max(0, ...this.items.map(({ id }) => this.#likeness(id, one.id))) }));
    while (left.length > 0 && !this.isFull) {
      const worth = left.map(({ one, likeness }) => (relevance * one.score) / most - (1 - relevance) * likeness);
      // The first of equals: the better score.
      const place = worth.indexOf(Math.max(...worth));
      const [chosen] = left.splice(place, 1);
      if (chosen === undefined) return;
      this.put(chosen.one);
      for (const other of left) other.likeness = Math.max(other.likeness, this.#likeness(chosen.one.id, other.one.id));
    }
  }

  #categoryOf(id: string): readonly string[] {
    return this.#diversity?.categoryOf(id) ?? [];
  }

  /** How much of their paths two items share, from 0 to 1. */
  #likeness(a: string, b: string): number {
    const [one, other] = [this.#categoryOf(a), this.#categoryOf(b)];
    let shared = 0;
    while (shared < one.length && one[shared] === other[shared]) shared++;
    return shared / Math.max(1, one.length, other.length);
  }
}
