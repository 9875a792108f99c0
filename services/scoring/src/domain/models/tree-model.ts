import type { Objective } from './objectives.ts';

/**
 * An ensemble of decision trees in flat arrays: a node is a number, and its children have larger ones, so that every walk ends.
 * LightGBM's way of deciding (`goesLeft`) is the one way; a model of XGBoost is brought to it when it is read.
 */
export interface TreeModel {
  readonly library: 'lightgbm' | 'xgboost';
  /** The model's own names, in the order of a row. Empty texts where the file has none. */
  readonly features: readonly string[];
  /** True by feature where a split asks which category it is. */
  readonly categorical: readonly boolean[];
  /** The categories of the training by their codes, a list a column, where the file tells them, as LightGBM does of a pandas frame. */
  readonly categories: readonly (readonly string[])[];
  readonly objective: Objective;
  /** Scores that a row has: 1, or one a class. */
  readonly outputs: number;
  /** What a raw score is divided by before it becomes a value: the number of iterations of a random forest, else 1. */
  readonly averagedOver: number;
  /** Whether the library adds up in float32, as XGBoost does. */
  readonly single: boolean;
  /** The first node of each tree, and which score the tree counts towards. */
  readonly roots: Int32Array;
  readonly outputOf: Int32Array;
  /** The feature that a node asks about; -1 = a leaf. */
  readonly feature: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What a numeric split compares with, or the value of a leaf. */
  readonly amount: Float64Array;
  /** How a node decides: `RULE`. */
  readonly rule: Uint8Array;
  /** The node's part of its parent's training rows (LightGBM: rows; XGBoost: sum of hessians); of a root 1. */
  readonly share: Float64Array;
  /** The categories that go left, a bit each: from word `wordAt[node]` so many as up to `wordAt[node + 1]`. */
  readonly wordAt: Int32Array;
  readonly words: Uint32Array;
  /** What each score begins with. */
  readonly base: Float64Array;
  /** What each score is on average over the training rows, as the shares say. */
  readonly expected: Float64Array;
  /** Nodes between a root and its farthest leaf. */
  readonly depth: number;
  /** What explaining a row costs: leaves times the square of their depth, summed. */
  readonly explainSteps: number;
}

/** Bits of `rule`, those of `decision_type` in LightGBM's file: categorical, missing goes left, and what counts as missing (0 nothing, 1 zero, 2 NaN). */
export const RULE = { categorical: 1, defaultLeft: 2, missingShift: 2, missingZero: 4, missingNaN: 8 } as const;

/** What a model may be at most. `depth` also bounds the memory of explaining, `features` is what one read of a profile answers. */
export const MODEL_MAX = {
  characters: 64 * 1024 * 1024,
  trees: 20_000,
  nodes: 2_000_000,
  depth: 256,
  features: 200,
  words: 4_000_000,
  category: 1_000_000,
} as const;
