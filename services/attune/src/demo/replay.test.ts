import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DemoEvent, eventsOfDemo } from './events-of-demo.ts';
import { readOnlineRetail } from './online-retail.ts';
import { ReplayWorld } from './replay-world.fixture.ts';
import { shiftWeeks, WEEK_MS } from './shift.ts';

const TICK_MS = 6 * 3_600_000;
const HOUR_MS = 3_600_000;
const orders = readOnlineRetail(join(import.meta.dirname, '../../../../examples/gift-barn/data/online-retail.br'));
const lastMs = orders.at(-1)?.atMs ?? 0;
const eventsBefore = (startMs: number, from = 0): readonly DemoEvent[] =>
  eventsOfDemo(orders.slice(from), { shiftMs: shiftWeeks(lastMs, startMs) * WEEK_MS, currency: 'GBP' }).events;
const MONDAY = Date.UTC(2026, 5, 15, 9);
const fewEvents = eventsBefore(MONDAY, -700);

test.each([
  ['a Monday', MONDAY],
  ['a Sunday on which the clocks change', Date.UTC(2026, 2, 29, 1)],
  ['the first of January', Date.UTC(2027, 0, 1)],
])('a year that is replayed on %s meets the system clock without a leap', async (_, startMs) => {
  const events = eventsBefore(startMs);
  const world = new ReplayWorld(startMs, events);
  expect(await world.run()).toEqual({ publishedEvents: events.length, rejected: new Map(), done: true });
  expect(world.arrived).toHaveLength(events.length);
  expect(world.systemClock.nowMs()).toBeGreaterThan(startMs);
  expect(world.clock.nowMs()).toBe(world.systemClock.nowMs());
  expect(Math.max(...world.clock.steps)).toBeLessThanOrEqual(TICK_MS);
  expect(Math.min(...world.clock.steps)).toBeGreaterThanOrEqual(0);
});

test('the clock catches up tick by tick with a machine that slept for a day', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  const looks = (): number => world.told.length + 1;
  world.settlingMs = () => (looks() === 40 || world.clock.nowMs() > MONDAY - HOUR_MS ? (looks() < 80 ? 24 * HOUR_MS : 0) : 1);
  await world.run();
  expect(world.clock.nowMs()).toBe(world.systemClock.nowMs());
  expect(Math.max(...world.clock.steps)).toBeLessThanOrEqual(TICK_MS);
});

test('events are sent in order of time, each within the hour and never before it happened', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  await world.run();
  const happened = world.arrived.filter(({ kind }) => kind === 'track').map(({ happenedMs }) => happenedMs);
  expect(happened).toEqual(happened.toSorted((a, b) => a - b));
  for (const { happenedMs, receivedAtMs } of world.arrived) {
    expect(receivedAtMs).toBeGreaterThanOrEqual(happenedMs);
    expect(receivedAtMs).toBeLessThanOrEqual(happenedMs + HOUR_MS);
  }
});

test('traits come before consent, and consent before the first order', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  await world.run();
  const kinds = Map.groupBy(world.arrived, ({ customer }) => customer);
  for (const ofCustomer of kinds.values()) expect(ofCustomer.slice(0, 3).map(({ kind }) => kind)).toEqual(['identify', 'consent', 'track']);
});

test('a replay that is killed at any point goes on without a loss, and repeats one tick at most', async () => {
  const plain = new ReplayWorld(MONDAY, fewEvents);
  await plain.run();
  for (let dieAfter = 1; dieAfter < plain.arrived.length; dieAfter += 23) {
    const world = new ReplayWorld(MONDAY, fewEvents);
    world.dieAfter = dieAfter;
    await expect(world.run()).rejects.toThrow('killed');
    const resumedAtMs = world.cursor?.clockMs ?? fewEvents[0]?.atMs ?? 0;
    expect((await world.run()).done).toBe(true);
    const [before, after] = [world.arrived.slice(0, dieAfter), world.arrived.slice(dieAfter)];
    expect(new Set(world.arrived.map(({ id }) => id))).toEqual(new Set(plain.arrived.map(({ id }) => id)));
    expect(world.clock.steps.every((step) => step >= 0 && step <= TICK_MS)).toBe(true);
    const again = new Set(after.map(({ id }) => id));
    for (const { id, receivedAtMs } of before) if (again.has(id)) expect(receivedAtMs - resumedAtMs).toBeLessThanOrEqual(TICK_MS);
  }
});

test('a finished replay is not run again', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  await world.run();
  const sent = world.arrived.length;
  await world.stopwatch.sleep(40 * 24 * HOUR_MS);
  expect(await world.run()).toMatchObject({ done: true });
  expect(world.arrived).toHaveLength(sent);
  expect(world.clock.nowMs()).toBe(world.systemClock.nowMs());
});

test('a signal ends it after the tick in hand, and the next start goes on', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  const stop = new AbortController();
  world.settlingMs = (look) => {
    if (look === 10) stop.abort();
    return 1;
  };
  expect(await world.run({ signal: stop.signal })).toMatchObject({ done: false });
  expect(world.told).toHaveLength(10);
  expect(world.clock.nowMs()).toBe(world.cursor?.clockMs);
  await world.run();
  expect(world.arrived).toHaveLength(fewEvents.length);
});

test('it takes the time that it is given where the machine is fast, and longer where it is slow', async () => {
  const fast = new ReplayWorld(MONDAY, fewEvents);
  await fast.run({ paceMsTotal: 60_000 });
  expect(fast.stopwatch.elapsedMs()).toBeGreaterThanOrEqual(60_000);
  expect(fast.stopwatch.elapsedMs()).toBeLessThan(60_200);
  const slow = new ReplayWorld(MONDAY, fewEvents);
  slow.settlingMs = () => 5_000;
  await slow.run({ paceMsTotal: 60_000 });
  expect(slow.stopwatch.elapsedMs()).toBeGreaterThanOrEqual(5_000 * (slow.told.length - 1));
});

test('an event that the door refuses is counted by its code', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  const publish = async (_: string, calls: readonly unknown[]) =>
    calls.map((_call, i) => (i === 0 ? { kind: 'rejected' as const, code: 'FIELD_MISSING' } : { kind: 'accepted' as const }));
  const { rejected } = await world.run({ publish });
  expect([...rejected.keys()]).toEqual(['FIELD_MISSING']);
  expect(rejected.get('FIELD_MISSING')).toBeGreaterThan(50);
});

test('progress grows to its end', async () => {
  const world = new ReplayWorld(MONDAY, fewEvents);
  await world.run();
  const at = world.told.map(({ atMs }) => atMs);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(world.told.filter(({ done }) => done)).toHaveLength(1);
  expect(world.told.at(-1)).toMatchObject({ done: true, publishedEvents: fewEvents.length, totalEvents: fewEvents.length, fromMs: fewEvents[0]?.atMs });
});
