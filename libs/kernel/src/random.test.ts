import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';

const take = (seed: string, count: number): readonly number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test('the same seed gives the same stream and another seed another', () => {
  expect(take('one', 100)).toEqual(take('one', 100));
  expect(take('one', 100)).not.toEqual(take('two', 100));
});

test('two streams of one seed do not disturb each other', () => {
  const [a, b] = [seededRandom('one'), seededRandom('one')];
  expect([a(), b(), a(), b()].filter((_, i) => i % 2 === 0)).toEqual(take('one', 2));
});

test('the numbers lie in [0, 1) and spread evenly', () => {
  const numbers = take('spread', 10_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
  expect(new Set(numbers).size).toBeGreaterThan(9_990);
});
