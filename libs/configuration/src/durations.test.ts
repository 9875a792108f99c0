import { expect, it } from 'vitest';
import { durationMs } from './durations.ts';

it.each([
  ['90d', 90 * 86_400_000],
  ['2h', 7_200_000],
  ['15m', 900_000],
  ['30s', 30_000],
  ['6y', 6 * 365 * 86_400_000],
  ['100y', 100 * 365 * 86_400_000],
])('reads %s', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it.each(['', '0d', '1.5d', '-1d', '1w', '90', 'd', '1 d', '101y', '9999999999d', '01d', '1D'])('refuses %j', (text) => {
  expect(durationMs(text)).toBeUndefined();
});
