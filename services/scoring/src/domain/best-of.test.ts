import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BestOf, bestFirst } from './best-of.ts';

const scored = fc.uniqueArray(fc.record({ id: fc.string({ maxLength: 3 }), score: fc.integer({ min: 0, max: 5 }) }), {
  selector: ({ id }) => id,
  maxLength: 40,
});

test('the best are those that sorting finds, whatever the order of offers', () => {
  fc.assert(
    fc.property(scored, fc.integer({ min: 1, max: 12 }), (all, max) => {
      const best = new BestOf(max);
      for (const one of all) best.offer(one);
      expect(best.sorted()).toEqual(all.toSorted(bestFirst).slice(0, max));
    }),
  );
});

test('nothing below the floor would be kept', () => {
  fc.assert(
    fc.property(scored, fc.integer({ min: 1, max: 12 }), (all, max) => {
      const best = new BestOf(max);
      for (const one of all) {
        if (one.score < best.floor) continue;
        best.offer(one);
      }
      expect(best.sorted()).toEqual(all.toSorted(bestFirst).slice(0, max));
    }),
  );
});
