import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CoOccurrence } from './co-occurrence.ts';
import { alike, ITEMS, newestDistinct, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

test('a score is the sum of the cosines of the nearest items, the newest speaking loudest', () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: ITEMS }), fc.constantFrom(1, 3, Number.POSITIVE_INFINITY), ({ uses, seen }, neighbours, halfLife) => {
      const sets = uses.sequences.map(({ items }) => new Set(Array.from(items)));
      const users = (...items: number[]): number => sets.filter((set) => items.every((item) => set.has(item))).length;
      const nearTo = (item: number) =>
        upTo(ITEMS)
          .filter((other) => other !== item && users(item, other) > 0)
          .map((other) => ({ other, nearness: users(item, other) / Math.sqrt(users(item) * users(other)) }))
          .toSorted((a, b) => b.nearness - a.nearness || a.other - b.other)
          .slice(0, neighbours);
      const plain = upTo(ITEMS).map(() => 0);
      for (const [age, item] of newestDistinct(seen.items).entries())
        for (const { other, nearness } of nearTo(item)) plain[other] = (plain[other] ?? 0) + 2 ** (-age / halfLife) * nearness;
      expect(alike(plain, scoresOf(new CoOccurrence(uses, { neighbours, halfLife }), seen))).toBe(true);
    }),
  );
});

test('an item that came after the model was fitted says nothing', () => {
  const model = new CoOccurrence({ itemCount: 2, sequences: [{ items: [0, 1], atMs: [1, 2] }] }, { neighbours: 5, halfLife: 1 });
  expect(scoresOf(model, { items: [1, 9], atMs: [1, 2], nowMs: 3 }, 2)).toEqual([1, undefined]);
});

test('another half-life needs no second fit', () => {
  fc.assert(
    fc.property(worlds, ({ uses, seen }) => {
      const model = new CoOccurrence(uses, { neighbours: 3, halfLife: 1 });
      expect(scoresOf(model.withHalfLife(4), seen)).toEqual(scoresOf(new CoOccurrence(uses, { neighbours: 3, halfLife: 4 }), seen));
    }),
  );
});
