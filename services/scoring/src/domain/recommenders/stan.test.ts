import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Seen, Uses } from './recommender.ts';
import { sessionIndex } from './session-index.ts';
import { Stan, type StanOptions } from './stan.ts';
import { alike, ITEMS, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const DAY_MS = 86_400_000;
const options = fc.record({
  sessionsMax: fc.integer({ min: 1, max: 16 }),
  neighbours: fc.constant(16),
  placeScale: fc.constantFrom(0.7, 2),
  dayScale: fc.constantFrom(5, 50),
  nearScale: fc.constantFrom(0.5, 3),
});

function plainly({ sequences }: Uses, seen: Seen, { sessionsMax, placeScale, dayScale, nearScale }: StanOptions): readonly number[] {
  const open = Array.from(seen.items);
  const newest = sequences
    .map(({ items, atMs }, place) => ({ items: Array.from(items), endMs: atMs[atMs.length - 1] ?? 0, place }))
    .filter(({ items }) => items.some((item) => open.includes(item)))
    .toSorted((a, b) => b.endMs - a.endMs || b.place - a.place)
    .slice(0, sessionsMax);
  const scores = upTo(ITEMS).map(() => 0);
  for (const { items, endMs } of newest) {
    const distinct = new Set(items);
    const shared = [...distinct].filter((item) => open.includes(item));
    const weight = shared.reduce((sum, item) => sum + Math.exp((open.lastIndexOf(item) + 1 - open.length) / placeScale), 0);
    const alikeness = (weight / Math.sqrt(distinct.size)) * Math.exp(-(seen.nowMs - endMs) / DAY_MS / dayScale);
    const star = Math.max(...shared.map((item) => items.lastIndexOf(item)));
    for (const item of distinct) scores[item] = (scores[item] ?? 0) + alikeness * Math.exp(-Math.abs(items.lastIndexOf(item) - star) / nearScale);
  }
  return scores;
}

test('the scores are those of the paper', () => {
  fc.assert(
    fc.property(worlds, options, ({ uses, seen }, chosen) => {
      expect(alike(plainly(uses, seen, chosen), scoresOf(new Stan(sessionIndex(uses), chosen), seen))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('only the most alike sessions speak, of equals the newer one', () => {
  const sequences = [1, 2, 3].map((item) => ({ items: [0, item], atMs: [0, 0] }));
  const model = new Stan(sessionIndex({ itemCount: ITEMS, sequences }), { sessionsMax: 9, neighbours: 1, placeScale: 1, dayScale: 1, nearScale: 1 });
  const scores = scoresOf(model, { items: [0], atMs: [0], nowMs: 0 });
  expect(scores.slice(1, 4).map((score) => score !== undefined)).toEqual([false, false, true]);
});
