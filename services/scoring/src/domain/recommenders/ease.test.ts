import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ease } from './ease.ts';
import { invertSymmetric } from './invert-symmetric.ts';
import { alike, ITEMS, newestDistinct, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const options = fc.record({
  lambda: fc.constantFrom(0.5, 3, 50),
  dropout: fc.constantFrom(0, 0.5),
  halfLife: fc.constantFrom(2, Number.POSITIVE_INFINITY),
  by: fc.constantFrom<'items' | 'customers'>('items', 'customers'),
});

/** By Gauss and Jordan, without a look at speed. */
function inverted(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...upTo(size).map((j) => (i === j ? 1 : 0))]);
  for (const i of upTo(size)) {
    const pivot = rows[i]?.[i] ?? 0;
    rows[i] = (rows[i] ?? []).map((value) => value / pivot);
    for (const other of upTo(size)) {
      const factor = rows[other]?.[i] ?? 0;
      if (other !== i) rows[other] = (rows[other] ?? []).map((value, column) => value - factor * (rows[i]?.[column] ?? 0));
    }
  }
  return rows.map((row) => row.slice(size));
}

test('weights between items are those of the closed form, by items and by customers', () => {
  fc.assert(
    fc.property(worlds, options, ({ uses, seen }, chosen) => {
      const sets = uses.sequences.map(({ items }) => new Set(Array.from(items)));
      const both = (a: number, b: number): number => sets.filter((set) => set.has(a) && set.has(b)).length;
      const gram = upTo(ITEMS).map((a) =>
        upTo(ITEMS).map((b) => both(a, b) + (a === b ? chosen.lambda + (chosen.dropout / (1 - chosen.dropout)) * both(a, a) : 0)),
      );
      const precision = inverted(gram);
      const weight = (from: number, to: number): number => (from === to ? 0 : -(precision[from]?.[to] ?? 0) / (precision[to]?.[to] ?? 0));
      const plain = upTo(ITEMS).map((item) => newestDistinct(seen.items).reduce((sum, own, age) => sum + 2 ** (-age / chosen.halfLife) * weight(own, item), 0));
      expect(alike(plain, scoresOf(new Ease(uses, chosen), seen))).toBe(true);
    }),
  );
});

test('the smaller inverse is worked out, and says the same', () => {
  fc.assert(
    fc.property(worlds, ({ uses, seen }) => {
      const plain = { lambda: 3, dropout: 0.2, halfLife: 4 };
      expect(alike(scoresOf(new Ease(uses, plain), seen), scoresOf(new Ease(uses, { ...plain, by: 'items' }), seen))).toBe(true);
    }),
  );
});

test('a matrix that has no inverse is refused', () => {
  expect(() => invertSymmetric(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
  expect(() => invertSymmetric(Float64Array.of(Number.NaN), 1)).toThrow(RangeError);
});

test('another half-life needs no second fit', () => {
  fc.assert(
    fc.property(worlds, ({ uses, seen }) => {
      const plain = { lambda: 3, dropout: 0, halfLife: 1 };
      expect(scoresOf(new Ease(uses, plain).withHalfLife(4), seen)).toEqual(scoresOf(new Ease(uses, { ...plain, halfLife: 4 }), seen));
    }),
  );
});
