import { expect, test } from 'vitest';
import { Blend } from './blend.ts';
import { learnWeights, worthOf } from './learn-weights.ts';
import type { Recommender } from './recommender.ts';
import { scoresOf } from './worlds.fixture.ts';

const saying = (...scores: readonly number[]): Recommender => ({
  score: (_, sheet) => {
    for (const [item, score] of scores.entries()) if (score !== 0) sheet.add(item, score);
  },
});
const seen = { items: [], atMs: [], nowMs: 0 };

test('each part counts by its weight, whatever its scores are measured in', () => {
  const blend = new Blend(3, [
    { recommender: saying(100, 50, 0), weight: 1 },
    { recommender: saying(0, 0.001, 0.002), weight: 3 },
  ]);
  expect(scoresOf(blend, seen, 3)).toEqual([1, 2, 3]);
});

test('a part that has nothing above 0 to say changes nothing', () => {
  const blend = new Blend(2, [
    { recommender: saying(1, 0.5), weight: 1 },
    { recommender: saying(-4, -1), weight: 9 },
    { recommender: saying(), weight: 9 },
  ]);
  expect(scoresOf(blend, seen, 2)).toEqual([1, 0.5]);
});

const reciprocal = (rank: number): number => 1 / (rank + 1);

test('weights are learnt that put right candidates first, a model that is wrong gets none', () => {
  // The first model is always wrong, the second always right, the third says nothing.
  const answers = [0, 1, 2].map((right) => ({
    scores: Float64Array.from([0, 1, 2].flatMap((candidate) => [candidate === right ? 0 : 1, candidate === right ? 1 : 0, 0])),
    right: [right],
    ideal: 1,
  }));
  const start = [1, 0, 0];
  const weights = learnWeights(answers, { models: 3, gain: reciprocal, start });
  expect(worthOf(answers, start, reciprocal)).toBeLessThan(0.5);
  expect(worthOf(answers, weights, reciprocal)).toBe(1);
});

test('ties are broken by the smaller candidate', () => {
  const tie = { scores: Float64Array.of(1, 1), right: [1], ideal: 1 };
  expect(worthOf([tie], [1], reciprocal)).toBe(0.5);
});
