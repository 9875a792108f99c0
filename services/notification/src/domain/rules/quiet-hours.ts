import type { DeliveryPolicy } from '../delivery-policy.ts';
import { type Asked, drop, type Rule } from './rule.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** At night promotions wait for the morning, or for nothing where they expire before it. */
export const quietHours: Rule = ({ decision, policy, nowMs, localMinuteOf }) => {
  const quiet = policy.quietHours;
  if (!decision.promotional || quiet === undefined || !isQuiet(quiet, localMinuteOf(nowMs))) return undefined;
  const untilMs = endOf(quiet, nowMs, localMinuteOf);
  if (decision.expiresAtMs > 0n && BigInt(untilMs) >= decision.expiresAtMs) return drop('EXPIRED');
  return { kind: 'hold', reason: 'QUIET_HOURS', untilMs };
};

type Hours = NonNullable<DeliveryPolicy['quietHours']>;

const isQuiet = ({ fromMinute, toMinute }: Hours, minute: number): boolean =>
  fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;

/** The first full minute that is not quiet. Clocks may be put forward or back on the way, so the wall is looked at again at the end found. */
function endOf(quiet: Hours, nowMs: number, localMinuteOf: Asked['localMinuteOf']): number {
  const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const guessMs = fromMs + between(localMinuteOf(nowMs), quiet.toMinute) * MINUTE_MS;
  const offBy = ((quiet.toMinute - localMinuteOf(guessMs) + 1.5 * DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2;
  let endMs = Math.max(guessMs + offBy * MINUTE_MS, fromMs + MINUTE_MS);
  // The minute at which it ends may be one that the wall skips tonight.
  for (let steps = 0; steps < DAY_MINUTES && isQuiet(quiet, localMinuteOf(endMs)); steps++) endMs += MINUTE_MS;
  return endMs;
}

const between = (minute: number, laterMinute: number): number => (laterMinute - minute + DAY_MINUTES) % DAY_MINUTES;
