import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScoreSheet } from './score-sheet.ts';

const additions = fc.array(fc.record({ item: fc.nat({ max: 9 }), amount: fc.integer({ min: -2, max: 3 }) }), { maxLength: 40 });

test('the best are those that sorting finds, among equals the smaller number, whatever came before on the sheet', () => {
  const sheet = new ScoreSheet(10);
  fc.assert(
    fc.property(additions, fc.nat({ max: 12 }), fc.nat({ max: 9 }), (all, count, refused) => {
      sheet.clear();
      for (const { item, amount } of all) sheet.add(item, amount);
      const plain = [...Map.groupBy(all, ({ item }) => item)].map(([item, own]) => ({ item, score: own.reduce((sum, { amount }) => sum + amount, 0) }));
      const expected = plain
        .filter(({ item }) => item !== refused)
        .toSorted((a, b) => b.score - a.score || a.item - b.item)
        .slice(0, count);
      expect(sheet.best(count, (item) => item !== refused)).toEqual(expected);
    }),
  );
});

test('a score that is no number finds no place', () => {
  const sheet = new ScoreSheet(3);
  sheet.add(2, Number.NaN);
  sheet.add(1, 1);
  expect(sheet.best(2)).toEqual([{ item: 1, score: 1 }]);
});

test('an item without a score has 0', () => {
  const sheet = new ScoreSheet(2);
  sheet.add(1, 4);
  sheet.clear();
  expect([sheet.of(1), sheet.has(1)]).toEqual([0, false]);
});
