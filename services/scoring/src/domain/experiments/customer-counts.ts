import { HELD_OUT, TREATED } from '../assign-variant.ts';
import type { ArmName } from '../campaign-counts.ts';
import type { TakenDecision } from '../profile-memory.ts';

/** One arm of a campaign's experiment. Only the first decision of the campaign about a customer is in it. */
export interface ArmCounts {
  /** Profiles that came into it, and how many its share would have brought. */
  readonly assigned: number;
  readonly expected: number;
  /** Customers whose decision reached the goal or had its time for that, and those who reached it. */
  readonly settled: number;
  readonly reached: number;
}

/** The arms of a campaign by name. */
export type CustomerCounts = Readonly<Record<string, ArmCounts>>;

/** The arm that a decision is in; undefined without consent. */
export function armKey({ arm, variant }: { readonly arm: ArmName; readonly variant?: string }): string | undefined {
  if (arm === 'none') return undefined;
  return arm === 'held_out' ? HELD_OUT : variant === undefined || variant === '' ? TREATED : variant;
}

/** The counts after a profile came into an arm: each arm expects its share of it. */
export function countAssigned(counts: CustomerCounts, arm: string, shares: Readonly<Record<string, number>>): CustomerCounts {
  const expecting = Object.entries(shares).reduce((sum, [name, share]) => withArm(sum, name, { expected: share }), counts);
  return withArm(expecting, arm, { assigned: 1 });
}

/** The counts after a customer's decision was settled; `sign` −1 takes it out again. */
export const countOutcome = (
  counts: CustomerCounts,
  arm: string,
  { settled, reached }: Pick<ArmCounts, 'settled' | 'reached'>,
  sign: 1 | -1 = 1,
): CustomerCounts => withArm(counts, arm, { settled: sign * settled, reached: sign * reached });

/** What a decision that is remembered has counted for so far. */
export function outcomeOf({ state, goal }: Pick<TakenDecision, 'state' | 'goal'>): Pick<ArmCounts, 'settled' | 'reached'> {
  if (goal === '' || state === 'open') return { settled: 0, reached: 0 };
  return { settled: 1, reached: state === 'closed' ? 1 : 0 };
}

/** Both together. */
export const addCustomers = (a: CustomerCounts, b: CustomerCounts): CustomerCounts =>
  Object.entries(b).reduce((sum, [arm, counts]) => withArm(sum, arm, counts), a);

function withArm(counts: CustomerCounts, arm: string, more: Partial<ArmCounts>): CustomerCounts {
  const { assigned, expected, settled, reached } = counts[arm] ?? NONE;
  return {
    ...counts,
    [arm]: {
      assigned: assigned + (more.assigned ?? 0),
      expected: expected + (more.expected ?? 0),
      settled: settled + (more.settled ?? 0),
      reached: reached + (more.reached ?? 0),
    },
  };
}

const NONE: ArmCounts = { assigned: 0, expected: 0, settled: 0, reached: 0 };
