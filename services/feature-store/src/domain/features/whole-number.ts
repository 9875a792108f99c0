/** A whole number of any size: a `number` where that is exact, a `bigint`, ten times slower, where it is not. Each number has one of the two shapes. */
export type Whole = number | bigint;

/** The sum of two whole numbers, exactly. */
export function plus(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return wholeOf(BigInt(a) + BigInt(b));
}

/** The difference of two whole numbers, exactly. */
export function minus(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return wholeOf(BigInt(a) - BigInt(b));
}

/** A bigint as a whole number. */
export function wholeOf(value: bigint): Whole {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
