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
  /** 1 over each whole number: dividing takes most of the time. */
  readonly #over: Float64Array;
  #sums: Float64Array = new Float64Array(0);

  constructor(model: TreeModel, row: Float64Array) {
    const size = ((model.depth + 2) * (model.depth + 3)) / 2;
    this.#model = model;
    this.#row = row;
    this.#feature = new Int32Array(size);
    this.#zero = new Float64Array(size);
    this.#one = new Float64Array(size);
    this.#weight = new Float64Array(size);
    this.#over = Float64Array.from({ length: model.depth + 3 }, (_, i) => 1 / i);
  }

  explain(root: number, sums: Float64Array): void {
    this.#sums = sums;
    this.#visit(root, 0, 0, 1, 1, -1);
  }

  /** `above`: where the path of the level above begins; `depth`: how many elements it has. Numbers are handed over one by one: an object a node would cost more than the node. */
  #visit(node: number, above: number, depth: number, zero: number, one: number, feature: number): void {
    // A way that no row of the training came and this one does not come either weighs nothing.
    if (zero === 0 && one === 0) return;
    const path = above + depth;
    this.#copy(above, path, depth);
    this.#extend(path, depth, zero, one, feature);
    const asked = this.#model.feature[node] as number;
    if (asked === -1) this.#settle(path, depth, this.#model.amount[node] as number);
    else this.#split(node, path, depth, asked);
  }

  #copy(from: number, to: number, length: number): void {
    const [features, zeros, ones, weights] = [this.#feature, this.#zero, this.#one, this.#weight];
    for (let i = 0; i < length; i++) {
      features[to + i] = features[from + i] as number;
      zeros[to + i] = zeros[from + i] as number;
      ones[to + i] = ones[from + i] as number;
      weights[to + i] = weights[from + i] as number;
    }
  }

  #split(node: number, path: number, depth: number, asked: number): void {
    const { left, right, share } = this.#model;
    const isLeft = goesLeft(this.#model, node, this.#row[asked] as number);
    const hot = (isLeft ? left[node] : right[node]) as number;
    const cold = (isLeft ? right[node] : left[node]) as number;
    let [zero, one, length] = [1, 1, depth];
    for (let at = 1; at <= depth; at++) {
      if (this.#feature[path + at] !== asked) continue;
      [zero, one, length] = [this.#zero[path + at] as number, this.#one[path + at] as number, depth - 1];
      this.#unwind(path, depth, at);
      break;
    }
    this.#visit(hot, path, length + 1, zero * (share[hot] as number), one, asked);
    this.#visit(cold, path, length + 1, zero * (share[cold] as number), 0, asked);
  }

  #settle(path: number, depth: number, value: number): void {
    const [sums, features, ones] = [this.#sums, this.#feature, this.#one];
    const cold = this.#coldSum(path, depth) * value;
    for (let at = path + 1; at <= path + depth; at++) {
      const feature = features[at] as number;
      const gain = ones[at] === 0 ? -cold : this.#hotSum(path, depth, this.#zero[at] as number) * value;
      sums[feature] = (sums[feature] as number) + gain;
    }
  }

  /** Lets the subsets of the path grow by one feature. */
  #extend(path: number, depth: number, zero: number, one: number, feature: number): void {
    const weight = this.#weight;
    const over = this.#over[depth + 1] as number;
    this.#feature[path + depth] = feature;
    this.#zero[path + depth] = zero;
    this.#one[path + depth] = one;
    weight[path + depth] = depth === 0 ? 1 : 0;
    for (let i = depth - 1; i >= 0; i--) {
      const own = (weight[path + i] as number) * over;
      weight[path + i + 1] = (weight[path + i + 1] as number) + one * own * (i + 1);
      weight[path + i] = zero * own * (depth - i);
    }
  }

  /** Takes a feature out of the path again. */
  #unwind(path: number, depth: number, at: number): void {
    const [weight, over, length] = [this.#weight, this.#over, depth + 1];
    const zero = this.#zero[path + at] as number;
    const grown = length / zero;
    let next = weight[path + depth] as number;
    for (let i = depth - 1; i >= 0; i--) {
      const own = weight[path + i] as number;
      if (this.#one[path + at] === 0) weight[path + i] = own * grown * (over[depth - i] as number);
      else {
        const part = next * length * (over[i + 1] as number);
        weight[path + i] = part;
        next = own - (part * zero * (depth - i)) / length;
      }
    }
    for (let i = path + at; i < path + depth; i++) {
      this.#feature[i] = this.#feature[i + 1] as number;
      this.#zero[i] = this.#zero[i + 1] as number;
      this.#one[i] = this.#one[i + 1] as number;
    }
  }

  /** What knowing a feature takes from a leaf that the row does not come to by it: the weight of all subsets without it, times its part of rows, which cancels out, so that it is one number a leaf. */
  #coldSum(path: number, depth: number): number {
    const [weight, over] = [this.#weight, this.#over];
    let total = 0;
    for (let i = depth - 1; i >= 0; i--) total += (weight[path + i] as number) * (over[depth - i] as number);
    return total * (depth + 1);
  }

  /** What knowing a feature adds to a leaf that the row comes to by it: the weight of all subsets without it, times what of the rows did not come. */
  #hotSum(path: number, depth: number, zero: number): number {
    const [weight, over, length] = [this.#weight, this.#over, depth + 1];
    const share = zero / length;
    let next = weight[path + depth] as number;
    let total = 0;
    for (let i = depth - 1; i >= 0; i--) {
      const part = next * length * (over[i + 1] as number);
      total += part;
      next = (weight[path + i] as number) - part * share * (depth - i);
    }
    return total * (1 - zero);
  }
}
