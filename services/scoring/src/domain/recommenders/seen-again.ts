import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import { seenWeights } from './seen-weights.ts';

/** What was used a moment ago is used again: the newest item scores 1, each `halfLife` distinct items before it half as much. For sessions; O(seen items). */
export class SeenAgain implements Recommender {
  readonly #itemCount: number;
  readonly #halfLife: number;

  constructor(itemCount: number, halfLife: number) {
    this.#itemCount = itemCount;
    this.#halfLife = halfLife;
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    for (const { item, weight } of seenWeights(seen, this.#itemCount, this.#halfLife)) sheet.add(item, weight);
  }
}
