import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Popularity } from './popularity.ts';
import { Trending } from './trending.ts';
import { alike, ITEMS, NOW_MS, scoresOf, upTo, worldOf } from './worlds.fixture.ts';

const worlds = fc.integer().map(worldOf);

const DAY_MS = 86_400_000;
const nobody = { items: [], atMs: [], nowMs: NOW_MS };

const usesIn = (sequences: readonly { readonly items: ArrayLike<number>; readonly atMs: ArrayLike<number> }[]) =>
  sequences.flatMap(({ items, atMs }) => Array.from(items, (item, at) => ({ item, atMs: atMs[at] ?? 0 })));

test('popularity is the sum of what each use still counts, in whichever order uses came', () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 30 }), ({ uses: { sequences } }, days) => {
      const all = usesIn(sequences);
      const popularity = new Popularity(ITEMS, days * DAY_MS);
      for (const { item, atMs } of all) popularity.advance(item, atMs);
      const plain = upTo(ITEMS).map((item) =>
        all.filter((use) => use.item === item).reduce((sum, { atMs }) => sum + 2 ** (-(NOW_MS - atMs) / DAY_MS / days), 0),
      );
      expect(alike(plain, scoresOf(popularity, nobody))).toBe(true);
    }),
  );
});

test('without decay popularity counts', () => {
  const popularity = new Popularity(2, Number.POSITIVE_INFINITY);
  for (const atMs of [5, 1, 9]) popularity.advance(1, atMs);
  expect(scoresOf(popularity, nobody, 2)).toEqual([undefined, 3]);
});

test('what is used more than usual is trending, what is used as always is not', () => {
  const trending = new Trending(3, DAY_MS);
  for (let day = 0; day < 400; day++) trending.advance(0, day * DAY_MS);
  for (const day of [398, 399, 399.5]) trending.advance(1, day * DAY_MS);
  const [steady = 0, risen = 0, absent] = scoresOf(trending, { ...nobody, nowMs: 399.5 * DAY_MS }, 3);
  expect(risen).toBeGreaterThan(1);
  expect(steady).toBeLessThan(0.3);
  expect(absent).toBeUndefined();
});

test('an item that the model was not made for is passed over', () => {
  const popularity = new Popularity(2, DAY_MS);
  popularity.advance(7, 1);
  expect(scoresOf(popularity, nobody, 2)).toEqual([undefined, undefined]);
});
