import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import { seenWeights } from './seen-weights.ts';

/** What counts as one item leading to another. */
export interface SequenceRulesOptions {
  readonly itemCount: number;
  /** So many places after an item count, each 1 over its distance. Infinity = all. */
  readonly steps: number;
  /** True: every two places of a sequence count 1 in both directions, whatever lies between: association rules instead of sequential ones. */
  readonly anyOrder: boolean;
  /** After so many distinct items one of the history says half as much; 0 = only the last one speaks. */
  readonly halfLife: number;
}

/**
 * What follows on what: the rules SR and AR of Ludewig and Jannach (UMUAI 2018). Learns use by use in the stream. Counting takes `steps` for each use (the square of the
 * sequence for AR), an answer as many additions as the speaking items have followers.
 */
export class SequenceRules implements Recommender {
  readonly #options: SequenceRulesOptions;
  readonly #followers: (Map<number, number> | undefined)[];

  constructor(options: SequenceRulesOptions) {
    this.#options = options;
    this.#followers = Array.from({ length: options.itemCount });
  }

  /** Counts that `item` was used after what came before it in the same sequence, oldest first. */
  advance(before: ArrayLike<number>, item: number): void {
    const { steps, anyOrder } = this.#options;
    for (let step = 1; step <= Math.min(steps, before.length); step++) {
      const earlier = before[before.length - step] ?? 0;
      if (anyOrder) {
        this.#add(earlier, item, 1);
        this.#add(item, earlier, 1);
      } else this.#add(earlier, item, 1 / step);
    }
  }

  /** Counts a whole sequence. */
  learn(items: readonly number[]): void {
    for (const [at, item] of items.entries()) this.advance(items.slice(Math.max(0, at - this.#options.steps), at), item);
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    const { itemCount, halfLife } = this.#options;
    const last = { items: Array.from(seen.items).slice(-1) };
    for (const { item: speaker, weight } of seenWeights(halfLife === 0 ? last : seen, itemCount, halfLife || 1))
      for (const [item, count] of this.#followers[speaker] ?? []) sheet.add(item, weight * count);
  }

  #add(from: number, to: number, amount: number): void {
    const { itemCount } = this.#options;
    if (from >= itemCount || to >= itemCount) return;
    const followers = this.#followers[from] ?? new Map<number, number>();
    this.#followers[from] = followers;
    followers.set(to, (followers.get(to) ?? 0) + amount);
  }
}
