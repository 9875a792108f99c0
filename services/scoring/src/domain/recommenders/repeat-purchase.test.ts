import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RepeatPurchase } from './repeat-purchase.ts';
import { alike, ITEMS, NOW_MS, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const DAY_MS = 86_400_000;
const plainest = { halfLifeDays: 10, dueShare: 0, repeatPower: 0 };

test('without more an item says how often it was bought of late', () => {
  fc.assert(
    fc.property(worlds, ({ uses, seen }) => {
      const plain = upTo(ITEMS).map((item) => {
        const days = new Set(Array.from(seen.items, (one, at) => (one === item ? (seen.atMs[at] ?? 0) : Number.NaN)).filter((day) => !Number.isNaN(day)));
        return [...days].reduce((sum, atMs) => sum + 2 ** (-(NOW_MS - atMs) / DAY_MS / 10), 0);
      });
      expect(alike(plain, scoresOf(new RepeatPurchase(uses, plainest), seen))).toBe(true);
    }),
  );
});

const monthly = { items: [0, 0, 0, 1], atMs: [0, 30, 60, 60].map((day) => day * DAY_MS) };
const uses = { itemCount: 3, sequences: [...upTo(20).map(() => monthly), { items: [2, 1], atMs: [0, 0] }] };

test('what was just bought says less until its gap has gone by', () => {
  const model = new RepeatPurchase(uses, { halfLifeDays: 1e9, dueShare: 1, repeatPower: 0 });
  const asOf = (day: number): number => scoresOf(model, { ...monthly, nowMs: day * DAY_MS }, 3)[0] ?? 0;
  expect(asOf(60)).toBe(0);
  expect(asOf(75)).toBeCloseTo(1.5, 6);
  expect(asOf(200)).toBeCloseTo(3, 6);
});

test('what others come back for counts more', () => {
  const scores = scoresOf(new RepeatPurchase(uses, { ...plainest, repeatPower: 1 }), { items: [0, 1], atMs: [0, 0], nowMs: 0 }, 3);
  expect(scores[0]).toBeGreaterThan(2 * (scores[1] ?? 0));
});

test('an item is due one usual gap after its last day, the earliest first', () => {
  const due = new RepeatPurchase(uses, plainest).due({ ...monthly, nowMs: 61 * DAY_MS });
  expect(due.map(({ item }) => item)).toEqual([0, 1]);
  expect(due[0]?.dueMs).toBe(90 * DAY_MS);
});

test('nothing is worked out of nothing', () => {
  const model = new RepeatPurchase({ itemCount: 1, sequences: [] }, plainest);
  expect(model.due({ items: [], atMs: [], nowMs: 0 })).toEqual([]);
  expect(scoresOf(model, { items: [0, 4], atMs: [0, 0], nowMs: 0 }, 1)).toEqual([1]);
});
