import type { OfferSums } from './offer-sums.ts';

/** What a reward is expected to be, and how sure that is. */
export interface Prediction {
  /** In [0, 1]. */
  readonly mean: number;
  /** The standard deviation of what the mean may be. */
  readonly deviation: number;
}

/** What was assumed of an offer before anything was learnt. */
export interface Prior {
  readonly accepted: number;
  readonly sent: number;
}

/** Predicts the reward of one offer in a context. */
export type Posterior = (x: Float64Array) => Prediction;

/**
 * Bayesian linear regression of the rewards: the prior counts as `sent` decisions of an average customer, and holds each other weight at 0 as firmly. The noise is that of a
 * share of this size. Without sums: the prior alone.
 */
export function posteriorOf(sums: OfferSums | undefined, { accepted, sent }: Prior, width: number): Posterior {
  const [lower, weights] = [triangle(sums, sent, width), new Float64Array(width)];
  for (let i = 0; i < width; i++) weights[i] = sums?.responses[i] ?? 0;
  weights[0] = (weights[0] ?? 0) + accepted;
  solveLower(lower, weights);
  const half = weights.slice(); // L⁻¹ b: with L⁻¹ x it gives both the mean and the variance
  const share = ((sums?.rewards ?? 0) + accepted) / ((sums?.decisions ?? 0) + sent);
  const noise = Math.max(share * (1 - share), 1 / ((sums?.decisions ?? 0) + sent + 1));
  const z = new Float64Array(width);
  return (x) => {
    z.set(x);
    solveLower(lower, z);
    let [mean, spread] = [0, 0];
    for (let i = 0; i < width; i++) {
      const zi = z[i] ?? 0;
      mean += zi * (half[i] ?? 0);
      spread += zi * zi;
    }
    return { mean: Math.min(1, Math.max(0, mean)), deviation: Math.sqrt(noise * spread) };
  };
}

/** Cholesky's factor of sent·I + the sum of x·xᵀ, row by row. */
function triangle(sums: OfferSums | undefined, sent: number, width: number): Float64Array {
  const lower = new Float64Array((width * (width + 1)) / 2);
  for (let i = 0, row = 0; i < width; row += ++i) {
    for (let j = 0, other = 0; j <= i; other += ++j) {
      let sum = (sums?.products[row + j] ?? 0) + (i === j ? sent : 0);
      for (let k = 0; k < j; k++) sum -= (lower[row + k] ?? 0) * (lower[other + k] ?? 0);
      lower[row + j] = i === j ? Math.sqrt(sum) : sum / (lower[other + j] ?? 1);
    }
  }
  return lower;
}

/** Solves L·z = x, in place. */
function solveLower(lower: Float64Array, x: Float64Array): void {
  for (let i = 0, row = 0; i < x.length; row += ++i) {
    let sum = x[i] ?? 0;
    for (let j = 0; j < i; j++) sum -= (lower[row + j] ?? 0) * (x[j] ?? 0);
    x[i] = sum / (lower[row + i] ?? 1);
  }
}
