import { type Whole, wholeOf } from './whole-number.ts';

/** Up to it the product of a number and a power of ten lies within 2^-9 of the exact one. */
const NEAR_MAX = 2 ** 44;
/** Powers of ten that are exact doubles, as are their quotients with safe integers to the nearest. */
const EXACT_DECIMALS = 22;

const powers = Array.from({ length: EXACT_DECIMALS + 1 }, (_, decimals) => 10 ** decimals);
const powerOf = (decimals: number): number => powers[decimals] ?? 10 ** decimals;

/** A finite number as whole units of 10^-decimals, rounded once to the nearest; exact for what has no more decimals. `decimals`: 0 to 100. */
export function toUnits(value: number, decimals: number): Whole {
  const scaled = value * powerOf(decimals);
  const near = Math.round(scaled);
  // Away from the middle between two units the product rounds as the exact one does; the words of toFixed cost ten times as much.
  if (Math.abs(scaled) < NEAR_MAX && Math.abs(scaled - near) < 0.49) return near || 0; // of two zeros a sum has the plain one
  // From 1e21 on toFixed writes an exponent, and a double is a whole number anyway.
  if (Math.abs(value) >= 1e21) return wholeOf(BigInt(value) * 10n ** BigInt(decimals));
  return wholeOf(BigInt(value.toFixed(decimals).replace('.', '')));
}

/** Whole units of 10^-decimals as the nearest double; beyond the doubles, the largest of them. */
export function fromUnits(units: Whole, decimals: number): number {
  const whole = Number(units);
  if (Number.isSafeInteger(whole) && decimals <= EXACT_DECIMALS) return whole / powerOf(decimals);
  const value = Number(`${units}e-${decimals}`);
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
