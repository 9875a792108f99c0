import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('the clock stands until it is moved, and never goes back', () => {
  const clock = new VirtualClock(1_000);
  expect(clock.nowMs()).toBe(1_000);
  clock.moveTo(2_000);
  clock.moveTo(1_500);
  expect(clock.nowMs()).toBe(2_000);
});

test('after the hand-over it goes on as the system clock, but never goes back', () => {
  let systemMs = 1_000;
  const clock = new VirtualClock(2_000);
  clock.handOver({ nowMs: () => systemMs });
  expect(clock.nowMs()).toBe(2_000);
  systemMs = 3_000;
  expect(clock.nowMs()).toBe(3_000);
  systemMs = 2_500;
  expect(clock.nowMs()).toBe(3_000);
});
