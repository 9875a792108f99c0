import { Popularity } from './popularity.ts';
import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';

/** So many times longer is what is usual remembered than what is new. */
const USUAL = 8;

/**
 * What rises: how far the uses of late (half-life `halfLifeMs`) lie above what those of a time eight times as long would let expect, in standard deviations of a Poisson
 * count, one more for the doubt about what is rare. Only what lies above is named. O(1) a use, O(items) an answer.
 */
export class Trending implements Recommender {
  readonly #itemCount: number;
  readonly #late: Popularity;
  readonly #usual: Popularity;

  constructor(itemCount: number, halfLifeMs: number) {
    this.#itemCount = itemCount;
    this.#late = new Popularity(itemCount, halfLifeMs);
    this.#usual = new Popularity(itemCount, USUAL * halfLifeMs);
  }

  /** Counts one use. */
  advance(item: number, atMs: number): void {
    this.#late.advance(item, atMs);
    this.#usual.advance(item, atMs);
  }

  score({ nowMs }: Seen, sheet: ScoreSheet): void {
    for (let item = 0; item < this.#itemCount; item++) {
      const expected = this.#usual.countOf(item, nowMs) / USUAL;
      const above = this.#late.countOf(item, nowMs) - expected;
      if (above > 0) sheet.add(item, above / Math.sqrt(expected + 1));
    }
  }
}
