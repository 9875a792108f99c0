import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addHistories, noHistory, type SizeHistory, SPANS_MAX, sizesOf, withChange } from './size-history.ts';

const DAY = 86_400_000;
const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom(1, -1)), { maxLength: 400 });
const historyOf = (all: readonly (readonly [number, number])[]): SizeHistory =>
  all.reduce<SizeHistory>((history, [day, change]) => withChange(history, day * DAY + 5, change), noHistory);

test('a size is told at the end of each day on which it changed', () => {
  const sizes = sizesOf(
    historyOf([
      [3, 1],
      [1, 1],
      [3, 1],
      [5, -1],
    ]),
  );
  expect(sizes).toEqual([
    { fromMs: DAY, size: 1 },
    { fromMs: 3 * DAY, size: 3 },
    { fromMs: 5 * DAY, size: 2 },
  ]);
});

test('the size at the end of each span is that of all changes up to it, however many days it spans', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const history = historyOf(all);
      expect(Object.keys(history.added).length).toBeLessThanOrEqual(SPANS_MAX);
      for (const { fromMs, size } of sizesOf(history)) {
        const until = fromMs + history.days * DAY;
        expect(size).toBe(all.filter(([day]) => day * DAY < until).reduce((sum, [, change]) => sum + change, 0));
      }
    }),
    { numRuns: 60 },
  );
});

test('what two partitions counted makes together what one would have counted, in any order', () => {
  fc.assert(
    fc.property(changes, changes, (a, b) => {
      const [one, other] = [historyOf(a), historyOf(b)];
      const whole = historyOf([...a, ...b].toSorted(([x], [y]) => x - y));
      const added = addHistories(one, other);
      expect(addHistories(other, one)).toEqual(added);
      expect(sizesOf(added).at(-1)?.size).toBe(sizesOf(whole).at(-1)?.size);
      if (added.days === whole.days) expect(sizesOf(added)).toEqual(sizesOf(whole));
    }),
    { numRuns: 60 },
  );
});
