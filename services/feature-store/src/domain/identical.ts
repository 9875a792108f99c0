/** True where two plain values are the same, bit for bit: 0 and -0 are not, a missing key and an undefined one are. */
export function identical(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => identical((a as Plain)[name], (b as Plain)[name]));
}

type Plain = Readonly<Record<string, unknown>>;
