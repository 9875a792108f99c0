import { expect, test } from 'vitest';
import { Content } from './content.ts';
import { SeenAgain } from './seen-again.ts';
import { scoresOf, upTo } from './worlds.fixture.ts';

const words = [['lamp', 'red', 'home'], ['lamp', 'blue', 'home'], ['mug', 'blue', 'home'], [], ['red', 'red', 'lamp']];

test('a score is the cosine of weighed words', () => {
  const rarity = (word: string): number => Math.log(1 + words.filter((own) => own.length > 0).length / words.filter((own) => own.includes(word)).length);
  const vector = (own: readonly string[]) => {
    const raw = ['lamp', 'mug', 'red', 'blue', 'home'].map((word) => own.filter((one) => one === word).length * rarity(word));
    const length = Math.hypot(...raw) || 1;
    return raw.map((value) => value / length);
  };
  const cosine = (a: number, b: number): number => vector(words[a] ?? []).reduce((sum, value, at) => sum + value * (vector(words[b] ?? [])[at] ?? 0), 0);
  const scores = scoresOf(new Content(words, Number.POSITIVE_INFINITY), { items: [0, 2], atMs: [], nowMs: 0 }, words.length);
  for (const item of upTo(words.length)) expect(scores[item] ?? 0).toBeCloseTo(cosine(0, item) + cosine(2, item), 12);
});

test('what nobody used yet is found by its words, and what shares none is not', () => {
  const scores = scoresOf(new Content([...words, ['mug', 'green']], 1), { items: [2], atMs: [], nowMs: 0 }, 6);
  expect(scores[5]).toBeGreaterThan(0);
  expect(scores[4]).toBeUndefined();
});

test('an item without words speaks for nothing', () => {
  expect(scoresOf(new Content(words, 1), { items: [3, 77], atMs: [], nowMs: 0 }, 5)).toEqual(upTo(5).map(() => undefined));
});

test('what was used a moment ago comes first, what was used long ago last', () => {
  const scores = scoresOf(new SeenAgain(3, 1), { items: [2, 0, 2, 1, 9], atMs: [], nowMs: 0 }, 3);
  expect(scores).toEqual([0.25, 1, 0.5]);
});
