import { type Arm, compareArms, type Lift } from '../compare-arms.ts';
import { normalTail } from './tails.ts';

/** A difference of two shares, as seen once at a time that was settled before, and as seen whenever somebody looks. */
export interface Comparison extends Lift {
  /** The chance of such a difference or a larger one where there is none; for one look at a time that was settled before. */
  readonly p: number;
  /** Holds at every look, however often and whenever one stops; absent until both arms have settled 100. */
  readonly anytime?: { readonly low: number; readonly high: number; readonly p: number };
}

/** Each customer is one observation. Undefined while a side is empty. */
export function compareShares(arm: Arm, baseline: Arm): Comparison | undefined {
  const lift = compareArms(arm, baseline);
  if (lift === undefined) return undefined;
  const anytime = Math.min(arm.settled, baseline.settled) < ANYTIME_FROM ? undefined : whenever(lift.lift, arm, baseline);
  return { ...lift, p: once(lift.lift, arm, baseline), ...(anytime && { anytime }) };
}

/** The score test of two shares. */
function once(lift: number, arm: Arm, baseline: Arm): number {
  const pooled = (arm.reached + baseline.reached) / (arm.settled + baseline.settled);
  const variance = pooled * (1 - pooled) * (1 / arm.settled + 1 / baseline.settled);
  return variance === 0 ? 1 : Math.min(1, 2 * normalTail(Math.abs(lift) / Math.sqrt(variance)));
}

/**
 * The mixture sequential probability ratio test with a normal mixture over the difference (Johari, Koomen, Pekelis & Walsh, Always valid inference,
 * Operations Research 70(3), 2022), with the estimated variance (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Time-uniform central limit theory and asymptotic
 * confidence sequences, Annals of Statistics 52(6), 2024).
 */
function whenever(lift: number, arm: Arm, baseline: Arm): NonNullable<Comparison['anytime']> {
  const variance = varianceOf(arm) + varianceOf(baseline);
  const wider = variance + MIXTURE;
  const half = Math.sqrt(((variance * wider) / MIXTURE) * (2 * Math.log(1 / ALPHA) + Math.log(wider / variance)));
  const evidence = Math.sqrt(variance / wider) * Math.exp((MIXTURE * lift * lift) / (2 * variance * wider));
  return { low: lift - half, high: lift + half, p: Math.min(1, 1 / evidence) };
}

/** Of the share of an arm, by one reached and one missed more: it is never 0. */
function varianceOf({ settled, reached }: Arm): number {
  const share = (reached + 1) / (settled + 2);
  return (share * (1 - share)) / settled;
}

const ALPHA = 0.05;
const ANYTIME_FROM = 100;
/** Differences of about 3 points are found the soonest. */
const MIXTURE = 0.03 ** 2;
