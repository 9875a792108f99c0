import type { Recommender, Seen } from './recommender.ts';
import { ScoreSheet } from './score-sheet.ts';

/** A model, and how much it counts. */
export interface BlendPart {
  readonly recommender: Recommender;
  readonly weight: number;
}

/**
 * Several models as one: each one's scores over its greatest of this answer, times its weight, added up. A model whose greatest score is not above 0 has nothing to say.
 * Weights come from `learnWeights` on answers whose outcome is known.
 */
export class Blend implements Recommender {
  readonly #parts: readonly BlendPart[];
  readonly #sheet: ScoreSheet;

  constructor(itemCount: number, parts: readonly BlendPart[]) {
    this.#parts = parts;
    this.#sheet = new ScoreSheet(itemCount);
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    for (const { recommender, weight } of this.#parts) {
      if (weight === 0) continue;
      this.#sheet.clear();
      recommender.score(seen, this.#sheet);
      const scale = weight / greatestOf(this.#sheet);
      for (const item of this.#sheet.touched) sheet.add(item, scale * this.#sheet.of(item));
    }
  }
}

/** The greatest score on a sheet; infinity where none is above 0, so that all over it is 0. */
export function greatestOf(sheet: ScoreSheet): number {
  let greatest = 0;
  for (const item of sheet.touched) greatest = Math.max(greatest, sheet.of(item));
  return greatest > 0 ? greatest : Number.POSITIVE_INFINITY;
}
