import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceRules } from './sequence-rules.ts';
import { alike, ITEMS, newestDistinct, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const options = fc.record({
  itemCount: fc.constant(ITEMS),
  steps: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
  anyOrder: fc.boolean(),
  halfLife: fc.constantFrom(0, 2),
});

test('an item scores what it followed on the last one, a step further counting its share', () => {
  fc.assert(
    fc.property(worlds, options, ({ uses, seen }, chosen) => {
      const { steps, anyOrder, halfLife } = chosen;
      const follows = (from: number, to: number): number => {
        let sum = 0;
        for (const { items } of uses.sequences) {
          const used = Array.from(items);
          for (const [a, one] of used.entries())
            for (const [b, other] of used.entries()) {
              if (one !== from || other !== to || Math.abs(b - a) > steps) continue;
              if (anyOrder ? b !== a : b > a) sum += anyOrder ? 1 : 1 / (b - a);
            }
        }
        return sum;
      };
      const speakers = newestDistinct(seen.items).slice(0, halfLife === 0 ? 1 : ITEMS);
      const plain = upTo(ITEMS).map((item) =>
        speakers.reduce((sum, speaker, age) => sum + (halfLife === 0 ? 1 : 2 ** (-age / halfLife)) * follows(speaker, item), 0),
      );
      const rules = new SequenceRules(chosen);
      for (const { items } of uses.sequences) rules.learn(Array.from(items));
      expect(alike(plain, scoresOf(rules, seen))).toBe(true);
    }),
  );
});

test('what was learnt in the stream acts on the next answer', () => {
  const rules = new SequenceRules({ itemCount: 3, steps: 3, anyOrder: false, halfLife: 0 });
  const seen = { items: [0], atMs: [0], nowMs: 1 };
  expect(scoresOf(rules, seen, 3)).toEqual([undefined, undefined, undefined]);
  rules.advance([2, 0], 1);
  expect(scoresOf(rules, seen, 3)).toEqual([undefined, 1, undefined]);
});

test('of nothing seen nothing follows, and an unknown item is passed over', () => {
  const rules = new SequenceRules({ itemCount: 2, steps: 3, anyOrder: false, halfLife: 0 });
  rules.advance([0, 5], 1);
  expect(scoresOf(rules, { items: [], atMs: [], nowMs: 1 }, 2)).toEqual([undefined, undefined]);
  expect(scoresOf(rules, { items: [0, 5], atMs: [0, 0], nowMs: 1 }, 2)).toEqual([undefined, undefined]);
  expect(scoresOf(rules, { items: [0], atMs: [0], nowMs: 1 }, 2)).toEqual([undefined, 0.5]);
});
