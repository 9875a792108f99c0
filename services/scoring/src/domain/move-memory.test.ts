import { expect, test } from 'vitest';
import { installDecisions, noteGoalEvent, takeDecisions } from './move-memory.ts';
import { newMemory, nextDueMs, type ProfileMemory, settleReached, type TakenDecision } from './profile-memory.ts';

const DAY = 86_400_000;
const taken = (id: string, atMs: number, more: Partial<TakenDecision> = {}): TakenDecision => ({
  ...{ id, campaign: 'choice', arm: 'treated', offer: 'gift', atMs, untilMs: atMs + DAY, goal: 'Bought', state: 'open' },
  ...more,
});
const bought = (memory: ProfileMemory, atMs: number) => {
  noteGoalEvent(memory, { event: 'Bought', atMs });
  return settleReached(memory, 'Bought', atMs);
};

test('what was decided about a visitor is reached by what the customer does, whichever is heard of first', () => {
  const moved = { id: 'm', decisions: [taken('d', DAY)] };
  const [early, late] = [newMemory(), newMemory()];
  const reached = [...installDecisions(early, moved).settled, ...bought(early, DAY + 5)];
  expect([...bought(late, DAY + 5), ...installDecisions(late, moved).settled]).toEqual(reached);
  expect(reached).toEqual([{ campaign: 'choice', arm: 'treated', offer: 'gift', counted: false, reached: true }]);
  expect(late.decisions).toEqual(early.decisions);
});

test('an event before the decision or after its goal time reaches nothing', () => {
  const memory = newMemory();
  for (const atMs of [DAY - 1, 2 * DAY + 1]) bought(memory, atMs);
  expect(installDecisions(memory, { id: 'm', decisions: [taken('d', DAY)] }).settled).toEqual([]);
  expect(nextDueMs(memory)).toBe(2 * DAY + 1);
});

test('decisions that come twice are remembered and settled once, though the first of them were forgotten meanwhile', () => {
  const memory = newMemory();
  const moved = { id: 'm', decisions: [taken('old', 0), taken('new', DAY)] };
  expect(installDecisions(memory, moved).settled).toEqual([]);
  expect(installDecisions(memory, moved).settled).toEqual([]);
  expect(memory.decisions.map(({ id }) => id)).toEqual(['old', 'new']);
  const many = Array.from({ length: 31 }, (_, i) => taken(`own-${i}`, 2 * DAY + i));
  expect(installDecisions(memory, { id: 'n', decisions: many }).settled).toEqual([
    { campaign: 'choice', arm: 'treated', offer: 'gift', counted: false, reached: false },
  ]);
  expect(installDecisions(memory, moved).settled).toEqual([]);
  expect(memory.decisions).toHaveLength(32);
});

test('a visitor’s decisions are remembered in one place only', () => {
  const visitor: ProfileMemory = { ...newMemory(), decisions: [taken('d', DAY)] };
  expect(takeDecisions(visitor)).toHaveLength(1);
  expect(takeDecisions(visitor)).toEqual([]);
  expect(nextDueMs(visitor)).toBeUndefined();
});

test('of what goals wait for, the newest four are kept', () => {
  const memory = newMemory();
  for (const atMs of [5, 1, 4, 2, 3]) noteGoalEvent(memory, { event: 'Bought', atMs });
  expect(memory.recent?.map(({ atMs }) => atMs)).toEqual([2, 3, 4, 5]);
});
