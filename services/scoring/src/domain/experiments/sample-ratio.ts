import { chiSquareTail } from './tails.ts';

/** How many came into an arm, and how many its share would have brought. */
export interface ArmRatio {
  readonly assigned: number;
  readonly expected: number;
}

/** Below this chance the arms are taken for wrongly filled, and no comparison can be trusted. */
export const ALARM_BELOW = 0.001;

/** The chance that arms of these shares differ so much from what was expected (Pearson's chi-square), and whether that is an alarm. Undefined with fewer than two arms, or where one expects fewer than 5. */
export function sampleRatio(arms: readonly ArmRatio[]): { readonly p: number; readonly alarm: boolean } | undefined {
  if (arms.length < 2 || arms.some(({ expected }) => expected < EXPECTED_MIN)) return undefined;
  const statistic = arms.reduce((sum, { assigned, expected }) => sum + (assigned - expected) ** 2 / expected, 0);
  const p = chiSquareTail(statistic, arms.length - 1);
  return { p, alarm: p < ALARM_BELOW };
}

const EXPECTED_MIN = 5;
