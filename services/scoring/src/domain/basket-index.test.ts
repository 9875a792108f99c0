import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { basketIndex, NEIGHBOURS_MAX } from './basket-index.ts';
import { type Basket, newestBaskets } from './basket-set.ts';
import { Vocabulary } from './vocabulary.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);

interface Bought {
  readonly atMs: number;
  readonly ids: readonly string[];
}

const bought: fc.Arbitrary<Bought> = fc.record({
  atMs: fc.integer({ min: 0, max: 40 }).map((days) => NOW_MS - days * DAY_MS),
  ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', 'z10', 'z9'), { minLength: 1, maxLength: 6 }),
});
const purchases = fc.array(bought, { maxLength: 30 });

/** Baskets in the order of the log, each at a place of its own. */
const placed = (all: readonly Bought[], vocabulary: Vocabulary): Basket[] =>
  all.map(({ atMs, ids }, i) => ({ atMs, partition: i % 3, offset: i, items: ids.map((id) => vocabulary.numberOf(id)) }));

/** Everything that an index answers, by id. */
function answers(baskets: readonly Basket[], vocabulary: Vocabulary, ids: readonly string[]) {
  const index = basketIndex(baskets, NOW_MS, vocabulary);
  const numberOf = (id: string): number => vocabulary.find(id) ?? -1;
  return {
    popular: index.popular.map((number) => vocabulary.textOf(number)),
    popularity: ids.map((id) => index.popularityOf(numberOf(id))),
    neighbours: ids.map((id) => index.neighboursOf(numberOf(id)).map(({ id: other, score }) => [other, score])),
  };
}

const idsOf = (all: readonly Bought[]): string[] => [...new Set(all.flatMap(({ ids }) => ids))].toSorted();

test('neighbours are the cosine of baskets that weigh one over their items each, best first and ties by id', () => {
  fc.assert(
    fc.property(purchases, (all) => {
      const weight = (ids: readonly string[]): number => Math.round(2 ** 20 / ids.length);
      const sum = (...wanted: string[]): number => all.reduce((total, { ids }) => (wanted.every((id) => ids.includes(id)) ? total + weight(ids) : total), 0);
      const ids = idsOf(all);
      const expected = ids.map((id) =>
        ids
          .filter((other) => other !== id && sum(id, other) > 0)
          .map((other): [string, number] => [other, sum(id, other) / Math.sqrt(sum(id) * sum(other))])
          .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
      );
      const vocabulary = new Vocabulary();
      expect(answers(placed(all, vocabulary), vocabulary, ids).neighbours).toEqual(expected);
    }),
  );
});

test('the order of baskets, and the order in which items became known, change no bit of any answer', () => {
  fc.assert(
    fc.property(
      purchases.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(
            all.map((_, i) => i),
            { minLength: all.length, maxLength: all.length },
          ),
        ),
      ),
      ([all, order]) => {
        const ids = idsOf(all);
        const [forth, other] = [new Vocabulary(), new Vocabulary()];
        for (const id of ids.toReversed()) other.numberOf(id);
        const again = placed(all, other);
        const shuffled = order.flatMap((i) => again[i] ?? []);
        expect(answers(shuffled, other, ids)).toEqual(answers(placed(all, forth), forth, ids));
      },
    ),
  );
});

test('baskets taken in step by step, in any cut, and with repeats, are those taken in at once', () => {
  fc.assert(
    fc.property(purchases, fc.nat(), fc.integer({ min: 1, max: 12 }), (all, cut, max) => {
      const baskets = placed(all, new Vocabulary());
      const at = cut % (all.length + 1);
      const whole = newestBaskets([], baskets, max);
      const steps = newestBaskets(newestBaskets([], baskets.slice(0, at), max), [...baskets.slice(at), ...baskets.slice(0, 2)], max);
      const others = newestBaskets(newestBaskets([], baskets.slice(at), max), baskets.slice(0, at), max);
      expect(steps).toEqual(whole);
      expect(others).toEqual(whole);
      expect(whole.length).toBe(Math.min(max, baskets.length));
    }),
  );
});

test('the newest baskets are kept: by time, then by their place in the log', () => {
  const basket = (atMs: number, partition: number, offset: number): Basket => ({ atMs, partition, offset, items: [0] });
  const [old, a, b, c] = [basket(1, 0, 9), basket(2, 0, 4), basket(2, 0, 5), basket(2, 1, 0)];
  expect(newestBaskets([], [c, old, b, a], 3)).toEqual([a, b, c]);
});

test('popularity halves in fourteen days, and what nobody bought for long is not popular', () => {
  const vocabulary = new Vocabulary();
  const baskets = placed(
    [
      { atMs: NOW_MS, ids: ['new'] },
      { atMs: NOW_MS - 14 * DAY_MS, ids: ['older'] },
      { atMs: NOW_MS - 900 * DAY_MS, ids: ['ancient'] },
    ],
    vocabulary,
  );
  const { popular, popularity } = answers(baskets, vocabulary, ['new', 'older', 'ancient']);
  expect(popular).toEqual(['new', 'older']);
  expect(popularity).toEqual([1, 0.5, 0]);
});

test('an item has at most a hundred neighbours, and one that is new since has none', () => {
  const vocabulary = new Vocabulary();
  const hub = Array.from({ length: 150 }, (_, i) => ({ atMs: NOW_MS, ids: ['hub', `x${i}`] }));
  const index = basketIndex(placed(hub, vocabulary), NOW_MS, vocabulary);
  expect(index.neighboursOf(vocabulary.numberOf('hub'))).toHaveLength(NEIGHBOURS_MAX);
  expect(index.neighboursOf(vocabulary.numberOf('later'))).toEqual([]);
});

test('merging baskets reads no clock and edits nothing', () => {
  const baskets = placed(
    [
      { atMs: 1, ids: ['a'] },
      { atMs: 2, ids: ['b'] },
    ],
    new Vocabulary(),
  );
  expect(
    sealed({ call: (a: readonly Basket[], b: readonly Basket[]) => newestBaskets(a, b, 5), given: () => [baskets.slice(1), baskets.slice(0, 1)] }),
  ).toHaveLength(2);
});
