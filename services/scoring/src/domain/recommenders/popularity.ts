import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';

/**
 * What everybody uses: each use counts 1, half after `halfLifeMs`, infinity = for ever. Fed use by use in order of time, so it learns in the stream; one that comes late
 * counts as of its own time. What was used after the moment of a question counts as just used. O(1) a use, O(items) an answer.
 */
export class Popularity implements Recommender {
  readonly #halfLifeMs: number;
  /** Counts as of the newest use. */
  readonly #counts: Float64Array;
  readonly #asOfMs: Float64Array;

  constructor(itemCount: number, halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#counts = new Float64Array(itemCount);
    this.#asOfMs = new Float64Array(itemCount);
  }

  /** Counts one use. */
  advance(item: number, atMs: number): void {
    if (item >= this.#counts.length) return;
    const before = this.#asOfMs[item] ?? 0;
    const asOfMs = Math.max(before, atMs);
    this.#counts[item] = this.countOf(item, asOfMs) + this.#kept(asOfMs - atMs);
    this.#asOfMs[item] = asOfMs;
  }

  /** What the uses of an item count at a moment. */
  countOf(item: number, nowMs: number): number {
    return (this.#counts[item] ?? 0) * this.#kept(nowMs - (this.#asOfMs[item] ?? 0));
  }

  score({ nowMs }: Seen, sheet: ScoreSheet): void {
    for (let item = 0; item < this.#counts.length; item++) if ((this.#counts[item] ?? 0) > 0) sheet.add(item, this.countOf(item, nowMs));
  }

  #kept(ageMs: number): number {
    return 2 ** (-Math.max(0, ageMs) / this.#halfLifeMs);
  }
}
