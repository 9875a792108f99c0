/** What a choice learns its propensities from. */
export interface LearningRule {
  /** Names the model. */
  readonly model: string;
  /** What it reads of a customer, in order; empty where all are alike. */
  readonly inputs: readonly LearningInput[];
  readonly reward: {
    readonly event: string;
    readonly withinMs: number;
    /** The field whose sum counts, up to `atMost`. Absent = happened or not. */
    readonly amount?: string;
    readonly atMost?: number;
  };
}

/** One value that a model reads: a feature, one value of a feature as `<feature>.<name>`, or a trait as `traits.<name>`. */
export interface LearningInput {
  readonly name: string;
  readonly type: 'number' | 'text' | 'truth';
}
