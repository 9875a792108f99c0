import type { ScoreSheet } from './score-sheet.ts';

/** An item that the customer used, and when, newest first. */
export interface PastUse {
  readonly id: string;
  readonly atMs: readonly number[];
}

/** For whom items are ranked. */
export interface Asked {
  /** What the customer bought, the newest first; empty where nothing may be known of that. */
  readonly history: readonly PastUse[];
  /** What the customer looks at or has in the cart, the newest last. */
  readonly context: readonly string[];
  readonly nowMs: number;
}

/** Why an item is recommended: what weighed most. */
export type RecommendationReason = 'bought_before' | 'bought_together' | 'popular' | 'trending' | 'in_like_baskets' | 'in_like_sessions' | 'described_alike';

/** Why an item stands where it stands. */
export interface ItemReason {
  readonly reason: RecommendationReason;
  /** The item that speaks for it most; absent for other reasons than `bought_together`. */
  readonly becauseOf?: string;
  /** The part of a blend that said most; absent where there are no parts. */
  readonly part?: string;
}

/** A recommender as it is served: made anew from each generation of the index, so the same generation gives the same answers everywhere. It answers one call at a time. */
export interface ServedModel {
  /** Puts onto a cleared sheet a score for each item, by its number of the vocabulary, that it has something to say of. Only scores above 0 count. */
  score(asked: Asked, sheet: ScoreSheet): void;
  /** Why an item of the last call has its score. */
  reasonFor(item: number): ItemReason;
  /** Parts of a blend that had nothing to say in the last call. */
  readonly silent: readonly string[];
}
