import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Seen, Uses } from './recommender.ts';
import { sessionIndex } from './session-index.ts';
import { VmisKnn, type VmisOptions } from './vmis-knn.ts';
import { alike, ITEMS, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const options = fc.record({ sessionsMax: fc.integer({ min: 1, max: 16 }), neighbours: fc.integer({ min: 1, max: 16 }) });

/** As the paper has it, with sets and sorting. */
function plainly({ sequences }: Uses, seen: Seen, { sessionsMax, neighbours }: VmisOptions): readonly number[] {
  const sessions = sequences.map(({ items, atMs }, place) => ({ items: new Set(Array.from(items)), endMs: atMs[atMs.length - 1] ?? 0, place }));
  const last = Array.from(seen.items).slice(-10);
  const weights = new Map(last.map((item, place) => [item, (place + 1) / last.length]));
  const holding = (item: number): number => sessions.filter(({ items }) => items.has(item)).length;
  const spoken = sessions
    .filter(({ items }) => last.some((item) => items.has(item)))
    .toSorted((a, b) => b.endMs - a.endMs || b.place - a.place)
    .slice(0, sessionsMax)
    .map((session, age) => ({ ...session, age, similarity: sum([...weights].map(([item, weight]) => (session.items.has(item) ? weight : 0))) }))
    .toSorted((a, b) => (Math.abs(b.similarity - a.similarity) < 1e-9 ? a.age - b.age : b.similarity - a.similarity))
    .slice(0, neighbours);
  return upTo(ITEMS).map((item) =>
    sum(
      spoken.map(({ items, similarity }) => {
        const steps = last.toReversed().findIndex((one) => items.has(one)) + 1;
        return items.has(item) ? similarity * (1 - 0.1 * steps) * Math.log(sessions.length / holding(item)) : 0;
      }),
    ),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('the neighbours and the scores are those of the paper', () => {
  fc.assert(
    fc.property(worlds, options, ({ uses, seen }, chosen) => {
      expect(alike(plainly(uses, seen, chosen), scoresOf(new VmisKnn(sessionIndex(uses), chosen), seen))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the same model answers alike whatever it was asked before', () => {
  fc.assert(
    fc.property(worlds, options, ({ uses, seen }, chosen) => {
      const index = sessionIndex(uses);
      const used = new VmisKnn(index, chosen);
      for (const { items, atMs } of uses.sequences) scoresOf(used, { items, atMs, nowMs: seen.nowMs });
      expect(scoresOf(used, seen)).toEqual(scoresOf(new VmisKnn(index, chosen), seen));
    }),
  );
});

test('of an open session only the last ten places count', () => {
  const uses = {
    itemCount: ITEMS,
    sequences: [
      { items: [0, 1], atMs: [0, 0] },
      { items: [2, 3], atMs: [0, 0] },
    ],
  };
  const model = new VmisKnn(sessionIndex(uses), { sessionsMax: 9, neighbours: 9 });
  const scores = scoresOf(model, { items: [0, ...upTo(10).map(() => 2)], atMs: [], nowMs: 0 });
  expect(scores[1]).toBeUndefined();
  expect(scores[3]).toBeGreaterThan(0);
});

test('items that nobody knows, and a session of none of them, are answered by nothing', () => {
  const model = new VmisKnn(sessionIndex({ itemCount: ITEMS, sequences: [] }), { sessionsMax: 9, neighbours: 9 });
  expect(scoresOf(model, { items: [], atMs: [], nowMs: 0 }).some((score) => score !== undefined)).toBe(false);
  expect(scoresOf(model, { items: [3, 99], atMs: [], nowMs: 0 }).some((score) => score !== undefined)).toBe(false);
});

test('an index refuses an item that it has no room for', () => {
  expect(() => sessionIndex({ itemCount: 1, sequences: [{ items: [1], atMs: [0] }] })).toThrow(RangeError);
});
