import { expect, test } from 'vitest';
import { compareArms } from './compare-arms.ts';

// Newcombe (1998), table II, method 10.
test.each([
  { treated: [56, 70], heldOut: [48, 80], low: 0.0524, high: 0.3339 },
  { treated: [9, 10], heldOut: [3, 10], low: 0.1705, high: 0.809 },
  { treated: [6, 7], heldOut: [2, 7], low: 0.0582, high: 0.8062 },
  { treated: [5, 56], heldOut: [0, 29], low: -0.0381, high: 0.1926 },
  { treated: [0, 10], heldOut: [0, 20], low: -0.1611, high: 0.2775 },
  { treated: [0, 10], heldOut: [0, 10], low: -0.2775, high: 0.2775 },
  { treated: [10, 10], heldOut: [0, 20], low: 0.6791, high: 1 },
  { treated: [10, 10], heldOut: [0, 10], low: 0.6075, high: 1 },
])('the interval of $treated less $heldOut is as published', ({ treated, heldOut, low, high }) => {
  const [a = 0, m = 0] = treated;
  const [b = 0, n = 0] = heldOut;
  const compared = compareArms({ settled: m, reached: a }, { settled: n, reached: b });
  expect(compared?.lift).toBeCloseTo(a / m - b / n, 12);
  expect(compared?.low).toBeCloseTo(low, 4);
  expect(compared?.high).toBeCloseTo(high, 4);
});

test('there is nothing to compare while a side is empty', () => {
  expect(compareArms({ settled: 5, reached: 1 }, { settled: 0, reached: 0 })).toBeUndefined();
  expect(compareArms({ settled: 0, reached: 0 }, { settled: 5, reached: 1 })).toBeUndefined();
});
