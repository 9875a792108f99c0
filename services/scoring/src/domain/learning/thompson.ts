import { seededRandom } from '@attune/kernel/random';
import type { Drawn } from '../explore.ts';
import { normalQuantiles, QUANTILES } from './normal-quantiles.ts';

/** An offer that may be drawn: its expected score, and the standard deviation of what that may be. */
export interface UncertainOffer {
  readonly name: string;
  readonly score: number;
  readonly spread: number;
}

/** What the policy chooses from. */
export interface UncertainChoice {
  /** Sorted by name. */
  readonly eligible: readonly UncertainOffer[];
  /** The chance of a uniform draw among them. */
  readonly rate: number;
  readonly seed: string;
}

/** So many worlds are drawn: each chance is a multiple of one of them. */
const WORLDS = 128;

/**
 * Thompson sampling with exact chances: the seed draws 128 worlds, each of which says what every offer is worth; the policy is the share of worlds in which an offer is best (or nothing is, at 0),
 * mixed with the uniform floor, and one world, or the floor, is drawn from that. So the chances are those of the draw itself, given the seed, and together with nothing make 1.
 */
export function thompson({ eligible, rate, seed }: UncertainChoice): Drawn {
  const k = eligible.length;
  const best = bestOfWorlds(eligible, seed);
  const share = new Float64Array(k + 1);
  for (const winner of best) share[winner + 1] = (share[winner + 1] ?? 0) + 1 / WORLDS;
  const random = seededRandom(`${seed}/draw`);
  const floor = k > 0 && random() < rate;
  const place = random();
  const winner = floor ? Math.floor(place * k) : (best[Math.floor(place * WORLDS)] ?? NOTHING);
  const offer = eligible[winner]?.name;
  const chance = (of: number): number => (k > 0 ? 1 - rate : 1) * (share[of + 1] ?? 0);
  return {
    ...(offer !== undefined && { offer }),
    explored: winner !== expectedBest(eligible),
    probabilityOf: (name) => {
      const of = eligible.findIndex((one) => one.name === name);
      return of < 0 ? 0 : chance(of) + rate / k;
    },
    probabilityOfNothing: chance(NOTHING),
  };
}

const NOTHING = -1;

/** By world, the place of the best offer; the first of equals. */
function bestOfWorlds(eligible: readonly UncertainOffer[], seed: string): Int16Array {
  const random = seededRandom(`${seed}/worlds`);
  const [scores, spreads] = [Float64Array.from(eligible, ({ score }) => score), Float64Array.from(eligible, ({ spread }) => spread)];
  const best = new Int16Array(WORLDS);
  for (let world = 0; world < WORLDS; world++) {
    let [winner, most] = [NOTHING, 0];
    for (let i = 0; i < scores.length; i++) {
      const worth = (scores[i] ?? 0) + (spreads[i] ?? 0) * (normalQuantiles[Math.floor(random() * QUANTILES)] ?? 0);
      if (worth > most) [winner, most] = [i, worth];
    }
    best[world] = winner;
  }
  return best;
}

function expectedBest(eligible: readonly UncertainOffer[]): number {
  let [winner, most] = [NOTHING, 0];
  for (const [i, { score }] of eligible.entries()) if (score > most) [winner, most] = [i, score];
  return winner;
}
