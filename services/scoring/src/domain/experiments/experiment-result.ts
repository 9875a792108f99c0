import { HELD_OUT } from '../assign-variant.ts';
import { type Comparison, compareShares } from './compare-shares.ts';
import type { ArmCounts, CustomerCounts } from './customer-counts.ts';
import { sampleRatio } from './sample-ratio.ts';

/** What an experiment came to so far. */
export interface ExperimentResult {
  /** Held out first, then the variants in their order, then those that are no longer there by name. */
  readonly arms: readonly (ArmCounts & { readonly arm: string })[];
  /** Each arm beside held out, and each variant beside the first of them. */
  readonly comparisons: readonly (Comparison & { readonly arm: string; readonly baseline: string })[];
  readonly ratio?: { readonly p: number; readonly alarm: boolean };
}

/** The result of a campaign whose variants are in this order; empty for one without. */
export function experimentResult(customers: CustomerCounts, variants: readonly string[]): ExperimentResult {
  const names = Object.keys(customers).toSorted((a, b) => placeOf(a, variants) - placeOf(b, variants) || (a < b ? -1 : 1));
  const arms = names.flatMap((arm) => (customers[arm] ? [{ arm, ...customers[arm] }] : []));
  const ratio = sampleRatio(arms);
  return { arms, comparisons: pairsOf(names).flatMap((pair) => compared(pair, customers)), ...(ratio && { ratio }) };
}

function placeOf(arm: string, variants: readonly string[]): number {
  if (arm === HELD_OUT) return -1;
  const at = variants.indexOf(arm);
  return at < 0 ? variants.length : at;
}

function pairsOf(names: readonly string[]): readonly Pair[] {
  const treated = names.filter((name) => name !== HELD_OUT);
  const [first = ''] = treated;
  const besideNothing = names.includes(HELD_OUT) ? treated.map((arm) => ({ arm, baseline: HELD_OUT })) : [];
  return [...besideNothing, ...treated.slice(1).map((arm) => ({ arm, baseline: first }))];
}

interface Pair {
  readonly arm: string;
  readonly baseline: string;
}

function compared(pair: Pair, customers: CustomerCounts) {
  const [arm, baseline] = [customers[pair.arm], customers[pair.baseline]];
  const comparison = arm && baseline && compareShares(arm, baseline);
  return comparison ? [{ ...pair, ...comparison }] : [];
}
