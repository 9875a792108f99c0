/** An answer whose outcome is known. */
export interface KnownAnswer {
  /** By candidate one behind the other: what each model says of it, over its greatest. Candidates lie by ascending number. */
  readonly scores: Float64Array;
  /** Which candidates were right. */
  readonly right: readonly number[];
  /** What an answer is worth whose right candidates all stand first: the gains are over it. */
  readonly ideal: number;
}

/** How weights are found. */
export interface LearnWeightsOptions {
  readonly models: number;
  /** What a right candidate is worth at a rank from 0; 0 behind the list. */
  readonly gain: (rank: number) => number;
  /** Where to begin. */
  readonly start: readonly number[];
  readonly rounds?: number;
}

/** Each weight is tried at these shares of itself; a model that has none is tried at these shares of the greatest. */
const STEPS = [0, 0.5, 0.8, 1.25, 2];
const FIRST_STEPS = [0.05, 0.2, 0.5, 1];
const ROUNDS = 6;

/**
 * The weights of a blend under which known answers are worth most: one weight after the other is moved as long as that helps, the first of equals wins, so the same
 * answers give the same weights. Learn on answers that no model was fitted on. O(rounds × models × right candidates × candidates).
 */
export function learnWeights(answers: readonly KnownAnswer[], { models, gain, start, rounds = ROUNDS }: LearnWeightsOptions): readonly number[] {
  let weights = start;
  let best = worthOf(answers, weights, gain);
  for (let round = 0; round < rounds; round++) {
    const before = best;
    for (let model = 0; model < models; model++) {
      for (const tried of triedFor(weights, model)) {
        const worth = worthOf(answers, tried, gain);
        if (worth <= best) continue;
        [best, weights] = [worth, tried];
      }
    }
    if (best === before) break;
  }
  return weights;
}

/** The mean worth of answers under weights. */
export function worthOf(answers: readonly KnownAnswer[], weights: readonly number[], gain: (rank: number) => number): number {
  let sum = 0;
  for (const answer of answers) {
    const totals = totalsOf(answer, weights);
    for (const right of answer.right) sum += gain(rankOf(totals, right)) / answer.ideal;
  }
  return sum / answers.length;
}

function triedFor(weights: readonly number[], model: number): readonly (readonly number[])[] {
  const own = weights[model] ?? 0;
  const greatest = Math.max(...weights) || 1;
  const values = own === 0 ? FIRST_STEPS.map((step) => step * greatest) : STEPS.map((step) => step * own);
  return values.map((value) => weights.with(model, value));
}

function totalsOf({ scores }: KnownAnswer, weights: readonly number[]): Float64Array {
  const models = weights.length;
  const totals = new Float64Array(scores.length / models);
  for (let at = 0; at < totals.length; at++)
    for (let model = 0; model < models; model++) totals[at] = (totals[at] as number) + (weights[model] as number) * (scores[at * models + model] as number);
  return totals;
}

function rankOf(totals: Float64Array, candidate: number): number {
  const own = totals[candidate] as number;
  let rank = 0;
  for (let at = 0; at < totals.length; at++) if ((totals[at] as number) > own || (totals[at] === own && at < candidate)) rank++;
  return rank;
}
