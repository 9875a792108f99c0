/** What was learnt of one offer, as sums: two halves add up to the whole. */
export interface OfferSums {
  readonly decisions: number;
  readonly rewards: number;
  /** The lower triangle of the sum of x·xᵀ, row by row. */
  readonly products: Float64Array;
  /** The sum of x·reward. */
  readonly responses: Float64Array;
}

/** An offer that nothing was learnt of. */
export const noSums = (width: number): OfferSums => ({
  decisions: 0,
  rewards: 0,
  products: new Float64Array((width * (width + 1)) / 2),
  responses: new Float64Array(width),
});

/** The sums after a decision in the context `x` brought `reward`. The arrays are edited in place. */
export function addDecision({ decisions, rewards, products, responses }: OfferSums, x: Float64Array, reward: number): OfferSums {
  let at = 0;
  for (let i = 0; i < x.length; i++) {
    const xi = x[i] ?? 0;
    for (let j = 0; j <= i; j++, at++) products[at] = (products[at] ?? 0) + xi * (x[j] ?? 0);
    responses[i] = (responses[i] ?? 0) + xi * reward;
  }
  return { decisions: decisions + 1, rewards: rewards + reward, products, responses };
}
