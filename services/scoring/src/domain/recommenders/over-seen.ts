import type { IndexedHistory } from './indexed-history.ts';
import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import type { Asked, ItemReason, RecommendationReason, ServedModel } from './served-model.ts';

/** Which part of what is known a model reads, and why its items are recommended. */
export interface SeenOptions {
  /** `both`: the history, and the context as what was used just now. */
  readonly reads: 'context' | 'history' | 'both';
  readonly reason: RecommendationReason;
}

/** A model that answers from what was seen. */
export class OverSeen implements ServedModel {
  readonly silent: readonly string[] = [];
  readonly #world: IndexedHistory;
  readonly #model: Recommender;
  readonly #options: SeenOptions;

  constructor(world: IndexedHistory, model: Recommender, options: SeenOptions) {
    this.#world = world;
    this.#model = model;
    this.#options = options;
  }

  score(asked: Asked, sheet: ScoreSheet): void {
    const seen = this.#seenOf(asked);
    if (seen.items.length > 0) this.#model.score(seen, sheet);
  }

  reasonFor(): ItemReason {
    return { reason: this.#options.reason };
  }

  #seenOf({ history, context, nowMs }: Asked): Seen {
    const { reads } = this.#options;
    const uses: Use[] = [];
    if (reads !== 'context') for (const { id, atMs } of history) for (const usedMs of atMs) this.#put(uses, id, usedMs);
    const past = uses.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
    if (reads !== 'history') for (const id of context) this.#put(past, id, nowMs);
    return { items: past.map(({ item }) => item), atMs: past.map(({ atMs }) => atMs), nowMs };
  }

  #put(uses: Use[], id: string, atMs: number): void {
    const item = this.#world.vocabulary.find(id);
    if (item !== undefined && item < this.#world.size) uses.push({ id, item, atMs });
  }
}

interface Use {
  readonly id: string;
  readonly item: number;
  readonly atMs: number;
}
