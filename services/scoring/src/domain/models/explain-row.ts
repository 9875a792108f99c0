import { asTheLibraryReads, goesLeft, scoreRow } from './score-row.ts';
import type { TreeModel } from './tree-model.ts';

/** What each feature did to a raw score: baseline + contributions = score. */
export interface Explanation {
  readonly score: number;
  /** What is expected before anything is known of the row; with XGBoost it also holds what its float32 sum is off. */
  readonly baseline: number;
  /** One a feature, in the order of the row. */
  readonly contributions: Float64Array;
}

/**
 * The SHAP values of a row, one explanation an output: path-dependent TreeSHAP (Lundberg et al., “Consistent Individualized Feature Attribution for Tree
 * Ensembles”, 2018, algorithm 2), which weighs a split that is not known by the training rows on each side, as `pred_contrib` does.
 * Time: leaves × depth², summed over trees (`explainSteps`); memory: depth².
 */
export function explainRow(model: TreeModel, row: Float64Array): readonly Explanation[] {
  const { outputs, features, roots, outputOf, expected, single } = model;
  const scores = scoreRow(model, row);
  const sums = Array.from({ length: outputs }, () => new Float64Array(features.length));
  const walk = new PathWalk(model, asTheLibraryReads(model, row));
  for (let tree = 0; tree < roots.length; tree++) walk.explain(roots[tree] as number, sums[outputOf[tree] as number] as Float64Array);
  return sums.map((contributions, output) => {
    const score = scores[output] as number;
    const baseline = single ? score - contributions.reduce((a, b) => a + b, 0) : (expected[output] as number);
    return { score, baseline, contributions };
  });
}

/** One row's way through trees. The unique path of each level (its features, and for each what part of rows comes through without it and with it) lies behind that of the level above. */
class PathWalk {
  readonly #model: TreeModel;
  readonly #row: Float64Array;
  readonly #feature: Int32Array;
  readonly #zero: Float64Array;
  readonly #one: Float64Array;
  readonly #weight: Float64Array;
  #sums: Float64Array = new Float64Array(0);

  constructor(model: TreeModel, row: Float64Array) {
    const size = ((model.depth + 2) * (model.depth + 3)) / 2;
    this.#model = model;
    this.#row = row;
    this.#feature = new Int32Array(size);
    this.#zero = new Float64Array(size);
    this.#one = new Float64Array(size);
    this.#weight = new Float64Array(size);
  }

  explain(root: number, sums: Float64Array): void {
    this.#sums = sums;
    this.#visit(root, 0, 0, { zero: 1, one: 1, feature: -1 });
  }

  /** `above`: where the path of the level above begins; `depth`: how many elements it has. */
  #visit(node: number, above: number, depth: number, step: { readonly zero: number; readonly one: number; readonly feature: number }): void {
    // A way that no row of the training came and this one does not come either weighs nothing.
    if (step.zero === 0 && step.one === 0) return;
    const path = above + depth;
    for (const part of [this.#feature, this.#zero, this.#one, this.#weight]) part.copyWithin(path, above, path);
    this.#extend(path, depth, step);
    const asked = this.#model.feature[node] as number;
    if (asked === -1) this.#settle(path, depth, this.#model.amount[node] as number);
    else this.#split(node, path, depth, asked);
  }

  #split(node: number, path: number, depth: number, asked: number): void {
    const { left, right, share } = this.#model;
    const isLeft = goesLeft(this.#model, node, this.#row[asked] as number);
    const [hot, cold] = (isLeft ? [left[node], right[node]] : [right[node], left[node]]) as [number, number];
    let [zero, one, length] = [1, 1, depth];
    for (let at = 1; at <= depth; at++) {
      if (this.#feature[path + at] !== asked) continue;
      [zero, one, length] = [this.#zero[path + at] as number, this.#one[path + at] as number, depth - 1];
      this.#unwind(path, depth, at);
      break;
    }
    this.#visit(hot, path, length + 1, { zero: zero * (share[hot] as number), one, feature: asked });
    this.#visit(cold, path, length + 1, { zero: zero * (share[cold] as number), one: 0, feature: asked });
  }

  #settle(path: number, depth: number, value: number): void {
    for (let at = 1; at <= depth; at++) {
      const feature = this.#feature[path + at] as number;
      const gain = (this.#one[path + at] as number) - (this.#zero[path + at] as number);
      this.#sums[feature] = (this.#sums[feature] as number) + this.#unwoundSum(path, depth, at) * gain * value;
    }
  }

  /** Lets the subsets of the path grow by one feature. */
  #extend(path: number, depth: number, { zero, one, feature }: { readonly zero: number; readonly one: number; readonly feature: number }): void {
    const weight = this.#weight;
    this.#feature[path + depth] = feature;
    this.#zero[path + depth] = zero;
    this.#one[path + depth] = one;
    weight[path + depth] = depth === 0 ? 1 : 0;
    for (let i = depth - 1; i >= 0; i--) {
      const own = weight[path + i] as number;
      weight[path + i + 1] = (weight[path + i + 1] as number) + (one * own * (i + 1)) / (depth + 1);
      weight[path + i] = (zero * own * (depth - i)) / (depth + 1);
    }
  }

  /** Takes a feature out of the path again. */
  #unwind(path: number, depth: number, at: number): void {
    const weight = this.#weight;
    const [zero, one] = [this.#zero[path + at] as number, this.#one[path + at] as number];
    let next = weight[path + depth] as number;
    for (let i = depth - 1; i >= 0; i--) {
      const own = weight[path + i] as number;
      if (one === 0) weight[path + i] = (own * (depth + 1)) / (zero * (depth - i));
      else {
        weight[path + i] = (next * (depth + 1)) / ((i + 1) * one);
        next = own - ((weight[path + i] as number) * zero * (depth - i)) / (depth + 1);
      }
    }
    for (const part of [this.#feature, this.#zero, this.#one]) part.copyWithin(path + at, path + at + 1, path + depth + 1);
  }

  /** The weight of all subsets of the path without one feature. */
  #unwoundSum(path: number, depth: number, at: number): number {
    const [zero, one] = [this.#zero[path + at] as number, this.#one[path + at] as number];
    let next = this.#weight[path + depth] as number;
    let total = 0;
    for (let i = depth - 1; i >= 0; i--) {
      const own = this.#weight[path + i] as number;
      if (one === 0) total += own / zero / ((depth - i) / (depth + 1));
      else {
        const part = (next * (depth + 1)) / ((i + 1) * one);
        total += part;
        next = own - part * zero * ((depth - i) / (depth + 1));
      }
    }
    return total;
  }
}
