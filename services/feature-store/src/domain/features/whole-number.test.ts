import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minus, plus, wholeOf } from './whole-number.ts';

const MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** Small ones, large ones, and those on either side of what a number holds. */
const whole = fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: MAX - 5n, max: MAX + 5n }));
const signed = fc.tuple(whole, fc.boolean()).map(([value, negative]) => (negative ? -value : value));

test('sums and differences are exact, and each has the shape of its size', () => {
  fc.assert(
    fc.property(signed, signed, (a, b) => {
      expect(plus(wholeOf(a), wholeOf(b))).toBe(wholeOf(a + b));
      expect(minus(wholeOf(a), wholeOf(b))).toBe(wholeOf(a - b));
      expect(BigInt(wholeOf(a))).toBe(a);
      expect(typeof wholeOf(a)).toBe(a <= MAX && a >= -MAX ? 'number' : 'bigint');
    }),
    { numRuns: 1_000 },
  );
});
