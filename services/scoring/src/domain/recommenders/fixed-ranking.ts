import { BestOf, type Scored } from '../best-of.ts';
import type { IndexedHistory } from './indexed-history.ts';
import type { Recommender } from './recommender.ts';
import { ScoreSheet } from './score-sheet.ts';
import type { Asked, ItemReason, RecommendationReason, ServedModel } from './served-model.ts';

/** So many items it names: an answer touches each. */
const NAMED_MAX = 2_000;

/** A model that says the same to everybody, worked out once for the moment of the generation: its best items, ties by id. */
export class FixedRanking implements ServedModel {
  readonly silent: readonly string[] = [];
  readonly #items: Uint32Array;
  readonly #scores: Float64Array;
  readonly #reason: RecommendationReason;

  constructor({ size, atMs, vocabulary }: IndexedHistory, model: Recommender, reason: RecommendationReason) {
    const sheet = new ScoreSheet(size);
    model.score({ items: [], atMs: [], nowMs: atMs }, sheet);
    const best = new BestOf<Named>(NAMED_MAX);
    for (const number of sheet.touched) {
      const score = sheet.of(number);
      if (score > 0 && score >= best.floor) best.offer({ id: vocabulary.textOf(number), number, score });
    }
    const named = best.sorted();
    this.#items = Uint32Array.from(named, ({ number }) => number);
    this.#scores = Float64Array.from(named, ({ score }) => score);
    this.#reason = reason;
  }

  score(_asked: Asked, sheet: ScoreSheet): void {
    for (let at = 0; at < this.#items.length; at++) sheet.add(this.#items[at] as number, this.#scores[at] as number);
  }

  reasonFor(): ItemReason {
    return { reason: this.#reason };
  }
}

interface Named extends Scored {
  readonly number: number;
}
