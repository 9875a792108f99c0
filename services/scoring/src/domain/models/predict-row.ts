import { explainRow } from './explain-row.ts';
import { valuesOf } from './objectives.ts';
import { scoreRow } from './score-row.ts';
import type { TreeModel } from './tree-model.ts';

/** What a model says of one row. Of a model of classes, `value`, `score`, `baseline` and `contributions` are those of the most probable one. */
export interface Prediction {
  readonly value: number;
  readonly probability?: number;
  readonly score: number;
  readonly baseline?: number;
  /** One a feature, in the order of the row; empty unless it is explained. */
  readonly contributions: Float64Array;
  readonly classes: readonly { readonly score: number; readonly probability: number }[];
  readonly mostProbable?: number;
}

/** The prediction of a row, NaN = missing; of two classes with one probability the first. */
export function predictRow(model: TreeModel, row: Float64Array, { explained }: { readonly explained: boolean }): Prediction {
  const scores = scoreRow(model, row);
  const values = valuesOf(
    model.objective,
    scores.map((score) => score / model.averagedOver),
  );
  const first = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  const { baseline, contributions = new Float64Array(0) } = (explained ? explainRow(model, row)[first] : undefined) ?? {};
  const value = values[first] as number;
  return {
    ...{ value, score: scores[first] as number, contributions },
    ...(model.objective.isProbability && { probability: value }),
    ...(baseline !== undefined && { baseline }),
    ...(model.outputs > 1 && { mostProbable: first }),
    classes: model.outputs > 1 ? [...values].map((probability, i) => ({ score: scores[i] as number, probability })) : [],
  };
}
