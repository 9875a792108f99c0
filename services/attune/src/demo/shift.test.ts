import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shiftWeeks, WEEK_MS } from './shift.ts';

const lastMs = Date.UTC(2010, 10, 30, 19, 35);
const weekdayInLondon = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', weekday: 'long' });

/** The days on which the tests start the demo. */
const starts = [
  ['a Monday', Date.UTC(2026, 5, 15, 9)],
  ['a Sunday on which the clocks change', Date.UTC(2026, 2, 29, 1)],
  ['the first of January', Date.UTC(2027, 0, 1)],
] as const;

test.each(starts)('on %s the last order lies in the seven days before, on its weekday', (_, startMs) => {
  const shiftedMs = lastMs + shiftWeeks(lastMs, startMs) * WEEK_MS;
  expect(shiftedMs).toBeLessThan(startMs);
  expect(shiftedMs).toBeGreaterThanOrEqual(startMs - WEEK_MS);
  expect(new Date(shiftedMs).getUTCDay()).toBe(2);
  expect(weekdayInLondon.format(shiftedMs)).toBe('Tuesday');
});

test('the shift is a whole number of weeks whatever the two times, and never reaches the start', () => {
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(time, time, (last, start) => {
      const weeks = shiftWeeks(last, start);
      const shifted = last + weeks * WEEK_MS;
      return Number.isInteger(weeks) && shifted < start && shifted >= start - WEEK_MS;
    }),
  );
  expect(shiftWeeks(0, WEEK_MS)).toBe(0);
  expect(shiftWeeks(0, WEEK_MS + 1)).toBe(1);
});
