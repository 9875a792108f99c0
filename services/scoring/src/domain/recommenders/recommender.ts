import type { ScoreSheet } from './score-sheet.ts';

/**
 * What somebody used so far. Items are numbers that ascend as their ids do, so that ties by number are ties by id: of a catalogue of n items they are 0 to n - 1, and
 * one that a model was not fitted on is left out by it.
 */
export interface Seen {
  /** Oldest first; an item may come again. */
  readonly items: ArrayLike<number>;
  /** When each was used, in ms since 1970. */
  readonly atMs: ArrayLike<number>;
  /** The moment that is answered for. */
  readonly nowMs: number;
}

/** One of the models that rank items. */
export interface Recommender {
  /** Puts onto a cleared sheet a score for each item that the model has something to say of: the greater, the better. Two models' scores cannot be compared. */
  score(seen: Seen, sheet: ScoreSheet): void;
}

/** What one customer or one session used: as in `Seen`, without a moment. */
export type UseSequence = Pick<Seen, 'items' | 'atMs'>;

/** What a model is fitted on. */
export interface Uses {
  /** Numbers of items are below this. */
  readonly itemCount: number;
  readonly sequences: readonly UseSequence[];
}
