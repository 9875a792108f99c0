import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUnits, toUnits } from './scaled.ts';
import { wholeOf } from './whole-number.ts';

const decimals = fc.integer({ min: 0, max: 25 });
/** Plain numbers, those in the middle between two units, and those beside it. */
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 })).map(([whole, places]) => whole / 10 ** places),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 7 })).map(([whole, places]) => (whole + 0.5) / 10 ** places),
);

test('a number has the units that its words have', () => {
  fc.assert(
    fc.property(numbers, decimals, (value, places) => {
      expect(toUnits(value, places)).toBe(wholeOf(BigInt(value.toFixed(places).replace('.', ''))));
    }),
    { numRuns: 2_000 },
  );
});

test('units are the nearest double of their words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.maxSafeInteger().map(BigInt)), decimals, (units, places) => {
      expect(Object.is(fromUnits(wholeOf(units), places), Number(`${units}e-${places}`))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
