import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import { seenWeights } from './seen-weights.ts';

/**
 * What is described alike: items are vectors of their words and categories, weighed by how rare a word is among those that have any (tf-idf) and of length 1; the score is the dot product with the
 * weighted sum of what was seen (Lops, de Gemmis, Semeraro 2011). It needs no use of an item by anybody, so it is what is there for new ones. A word that half of
 * all items have counts as any other. An answer takes, for each word of what was seen, the items that have it.
 */
export class Content implements Recommender {
  readonly #words: readonly ReadonlyMap<string, number>[];
  readonly #having: ReadonlyMap<string, readonly { readonly item: number; readonly weight: number }[]>;
  readonly #halfLife: number;

  /** By item: its words, repeated where they come again. After `halfLife` distinct items one of the history says half as much. */
  constructor(words: readonly (readonly string[])[], halfLife: number) {
    this.#words = weighedWords(words);
    this.#having = Map.groupBy(
      this.#words.flatMap((own, item) => Array.from(own, ([word, weight]) => ({ word, item, weight }))),
      ({ word }) => word,
    );
    this.#halfLife = halfLife;
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    const profile = new Map<string, number>();
    for (const { item, weight } of seenWeights(seen, this.#words.length, this.#halfLife))
      for (const [word, share] of this.#words[item] ?? []) profile.set(word, (profile.get(word) ?? 0) + weight * share);
    for (const [word, wanted] of profile) for (const { item, weight } of this.#having.get(word) ?? []) sheet.add(item, wanted * weight);
  }
}

function weighedWords(words: readonly (readonly string[])[]): readonly ReadonlyMap<string, number>[] {
  const having = new Map<string, number>();
  for (const own of words) for (const word of new Set(own)) having.set(word, (having.get(word) ?? 0) + 1);
  const described = words.filter(({ length }) => length > 0).length;
  return words.map((own) => {
    const raw = new Map<string, number>();
    for (const word of own) raw.set(word, (raw.get(word) ?? 0) + Math.log(1 + described / (having.get(word) ?? 1)));
    const length = Math.hypot(...raw.values());
    return new Map(Array.from(raw, ([word, weight]) => [word, weight / length]));
  });
}
