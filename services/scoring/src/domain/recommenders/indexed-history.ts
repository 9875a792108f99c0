import type { RecommenderSource } from '@attune/kernel/recommender-kind';
import { type BasketIndex, basketIndex } from '../basket-index.ts';
import type { BasketSet } from '../basket-set.ts';
import type { Vocabulary } from '../vocabulary.ts';
import type { Recommender } from './recommender.ts';
import { type SessionIndex, sessionIndex } from './session-index.ts';

/** What a generation holds, for models to be made from. */
export interface IndexedHistory {
  /** The moment that it is as of. */
  readonly atMs: number;
  readonly index: BasketIndex;
  /** The newest first. */
  readonly usesOf: (source: RecommenderSource) => BasketSet;
  readonly vocabulary: Vocabulary;
  /** Numbers of items are below this; items that came since are not known. */
  readonly size: number;
  /** The same as sessions; made once. */
  readonly sessionsOf: (source: RecommenderSource) => SessionIndex;
  /** A model of the words of all items, made once for the same words and the same `steer`, also over generations. */
  readonly described: (make: (words: readonly (readonly string[])[]) => Recommender, steer: number) => Recommender;
}

/** The words of items by number, and the models that were made from them: forgotten once a word changes. */
export class ItemWords {
  readonly #words = new Map<number, readonly string[]>();
  readonly #made = new Map<number, Recommender>();

  /** Says anew what an item is described by; nothing where it is gone. */
  describe(item: number, words: readonly string[]): void {
    this.#made.clear();
    if (words.length === 0) this.#words.delete(item);
    else this.#words.set(item, words);
  }

  /** The model for these words, made where there is none yet. */
  modelOf(make: (words: readonly (readonly string[])[]) => Recommender, steer: number, size: number): Recommender {
    const known = this.#made.get(steer);
    if (known !== undefined) return known;
    const model = make(Array.from({ length: size }, (_, item) => this.#words.get(item) ?? []));
    this.#made.set(steer, model);
    return model;
  }
}

/** What a generation is made of. */
export interface WorldParts {
  readonly atMs: number;
  readonly baskets: BasketSet;
  /** Of looks; absent = there are none. */
  readonly sessions?: BasketSet;
  readonly vocabulary: Vocabulary;
  readonly words: ItemWords;
}

/** Packs a generation. */
export function indexedHistory({ atMs, baskets, sessions = [], vocabulary, words }: WorldParts): IndexedHistory {
  const { size } = vocabulary;
  const made = new Map<RecommenderSource, SessionIndex>();
  const usesOf = (source: RecommenderSource): BasketSet => (source === 'baskets' ? baskets : sessions);
  return {
    atMs,
    usesOf,
    vocabulary,
    size,
    index: basketIndex(baskets, atMs, vocabulary),
    sessionsOf: (source) => {
      const known = made.get(source) ?? sessionIndex({ itemCount: size, sequences: sequencesOf(usesOf(source)) });
      made.set(source, known);
      return known;
    },
    described: (make, steer) => words.modelOf(make, steer, size),
  };
}

/** Of baskets of one moment the first of the set counts as the newest. */
const sequencesOf = (baskets: BasketSet) => baskets.toReversed().map(({ items, atMs }) => ({ items, atMs: [atMs] }));
