import { seededRandom } from '@attune/kernel/random';

/** What the policy chooses from. */
export interface Choice {
  /** Names of the offers that may be drawn, sorted. */
  readonly eligible: readonly string[];
  /** The best of them; absent where nothing is better. */
  readonly best?: string;
  /** The chance of an exploring draw. */
  readonly rate: number;
  readonly seed: string;
}

/** What was drawn, and the chance of each outcome under the policy. */
export interface Drawn {
  /** Absent = nothing. */
  readonly offer?: string;
  /** True when the offer came from the exploring draw, even where it is the best one too. */
  readonly explored: boolean;
  readonly probabilityOf: (offer: string) => number;
  readonly probabilityOfNothing: number;
}

/** With the chance `rate` a uniform draw among the eligible, else the best. The probabilities are exact and together with nothing make 1. */
export function explore({ eligible, best, rate, seed }: Choice): Drawn {
  const k = eligible.length;
  const random = seededRandom(seed);
  const explored = k > 0 && random() < rate;
  const offer = explored ? eligible[Math.floor(random() * k)] : best;
  return {
    ...(offer !== undefined && { offer }),
    explored,
    probabilityOf: (name) => (eligible.includes(name) ? (name === best ? 1 - rate + rate / k : rate / k) : 0),
    probabilityOfNothing: best !== undefined ? 0 : k > 0 ? 1 - rate : 1,
  };
}
