import type { BasketIndex } from '../basket-index.ts';
import { BestOf, type Scored } from '../best-of.ts';
import type { ScoreSheet } from './score-sheet.ts';
import type { Asked, ItemReason, PastUse, ServedModel } from './served-model.ts';

const DAY_MS = 86_400_000;
/** After so many days a purchase says half as much of what is bought again. */
const AGAIN_HALF_LIFE_DAYS = 180;
/** So many times more the most popular item counts than one that nobody buys these days. */
const SEASON = 10;
/** Beside what is bought again, the neighbours of the history weigh so much, and those of the context. */
const HISTORY_WEIGHT = 1;
const CONTEXT_WEIGHT = 20;
/** So many items of the history speak for their neighbours: those that are bought most. */
const SPEAKERS_MAX = 50;
/** Below every evidence of the customer's own. */
export const POPULAR_WEIGHT = 1e-9;

/**
 * What the customer buys again and again, each purchase counting half after half a year (as in TIFU-KNN, Hu et al. 2020), and what others bought together with that, all
 * of it the more, the more it is bought these days; and what was bought together with the context. Among equals the more popular comes first.
 */
export class CoPurchase implements ServedModel {
  readonly silent: readonly string[] = [];
  readonly #index: BasketIndex;

  /** Works in the index's own room. */
  constructor(index: BasketIndex) {
    this.#index = index;
  }

  score({ history, context, nowMs }: Asked, sheet: ScoreSheet): void {
    const { evidence } = this.#index;
    evidence.clear();
    const own = this.#weighed(history, nowMs);
    const speakers = new BestOf<Speaker>(SPEAKERS_MAX);
    for (const one of own) {
      evidence.bought(one.number, one.score);
      if (one.score >= speakers.floor) speakers.offer(one);
    }
    this.#addNeighbours('near', speakers.sorted(), HISTORY_WEIGHT);
    this.#addNeighbours('beside', this.#seen(context), CONTEXT_WEIGHT);
    const { again, near, beside } = evidence;
    for (const item of evidence.touched) {
      const popularity = this.#index.popularityOf(item);
      sheet.add(item, ((again[item] ?? 0) + (near[item] ?? 0)) * (1 + SEASON * popularity) + (beside[item] ?? 0) + POPULAR_WEIGHT * popularity);
    }
  }

  reasonFor(item: number): ItemReason {
    const { evidence, vocabulary, popularityOf } = this.#index;
    if (!evidence.has(item)) return { reason: 'popular' };
    const [again, near, beside] = [evidence.again[item] ?? 0, evidence.near[item] ?? 0, evidence.beside[item] ?? 0];
    if (again >= near + beside / (1 + SEASON * popularityOf(item))) return { reason: 'bought_before' };
    return { reason: 'bought_together', becauseOf: vocabulary.textOf(evidence.nearest[item] ?? 0) };
  }

  #weighed(history: readonly PastUse[], nowMs: number): readonly Speaker[] {
    const speakers: Speaker[] = [];
    for (const { id, atMs } of history) {
      const number = this.#index.find(id);
      if (number === undefined) continue;
      let score = 0;
      for (const usedMs of atMs) score += 2 ** (-Math.max(0, nowMs - usedMs) / DAY_MS / AGAIN_HALF_LIFE_DAYS);
      speakers.push({ id, number, score });
    }
    return speakers;
  }

  #seen(context: readonly string[]): readonly Speaker[] {
    return [...new Set(context)].flatMap((id) => {
      const number = this.#index.find(id);
      return number === undefined ? [] : [{ id, number, score: 1 }];
    });
  }

  /** Each speaker adds its share of the weight to its neighbours, by how near they are. */
  #addNeighbours(part: 'near' | 'beside', speakers: readonly Speaker[], weight: number): void {
    const total = speakers.reduce((sum, { score }) => sum + score, 0);
    for (const { number: speaker, score } of speakers)
      this.#index.evidence.together(part, this.#index.nearTo(speaker), { speaker, weight: (weight * score) / total });
  }
}

interface Speaker extends Scored {
  readonly number: number;
}
