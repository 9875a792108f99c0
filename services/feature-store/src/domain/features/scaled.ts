/** A finite number as whole units of 10^-decimals, rounded once to the nearest; exact for what has no more decimals. `decimals`: 0 to 100. */
export function toUnits(value: number, decimals: number): bigint {
  // From 1e21 on toFixed writes an exponent, and a double is a whole number anyway.
  if (Math.abs(value) >= 1e21) return BigInt(value) * 10n ** BigInt(decimals);
  return BigInt(value.toFixed(decimals).replace('.', ''));
}

/** Whole units of 10^-decimals as the nearest double; beyond the doubles, the largest of them. */
export function fromUnits(units: bigint, decimals: number): number {
  const value = Number(`${units}e-${decimals}`);
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
