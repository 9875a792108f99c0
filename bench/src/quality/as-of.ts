import type { Recommender, Seen, Uses } from '@attune/scoring/recommenders/recommender';
import type { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';

/** What learns use by use. */
export interface Advancing extends Recommender {
  advance(item: number, atMs: number): void;
}

/** Asks a model that learns in the stream as of each question's moment: it has seen what was used until then. Questions in the order of time cost one pass. */
export class AsOf implements Recommender {
  readonly #make: () => Advancing;
  readonly #uses: readonly { readonly item: number; readonly atMs: number }[];
  #model: Advancing;
  #next = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor({ sequences }: Uses, make: () => Advancing) {
    const all = sequences.flatMap(({ items, atMs }) => Array.from(items, (item, at) => ({ item, atMs: atMs[at] ?? 0 })));
    this.#uses = all.toSorted((a, b) => a.atMs - b.atMs);
    this.#make = make;
    this.#model = make();
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    if (seen.nowMs < this.#atMs) [this.#model, this.#next] = [this.#make(), 0];
    this.#atMs = seen.nowMs;
    for (let use = this.#uses[this.#next]; use !== undefined && use.atMs <= seen.nowMs; use = this.#uses[++this.#next]) this.#model.advance(use.item, use.atMs);
    this.#model.score(seen, sheet);
  }
}
