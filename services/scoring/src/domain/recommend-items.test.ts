import { sealed } from '@attune/testing/laws/sealed';
import { expect, test } from 'vitest';
import { basketIndex } from './basket-index.ts';
import { type RecommendationQuestion, recommendItems } from './recommend-items.ts';
import { Vocabulary } from './vocabulary.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);

function indexWith(...baskets: readonly (readonly string[])[]) {
  const vocabulary = new Vocabulary();
  const placed = baskets.map((ids, offset) => ({ atMs: NOW_MS, partition: 0, offset, items: ids.map((id) => vocabulary.numberOf(id)) }));
  return basketIndex(placed, NOW_MS, vocabulary);
}
const index = indexWith(['tea', 'cup'], ['tea', 'cup'], ['tea', 'pot'], ['soap'], ['soap'], ['soap'], ['soap', 'dish']);
const asked = (more: Partial<RecommendationQuestion> = {}): RecommendationQuestion => ({
  history: [],
  context: [],
  count: 10,
  nowMs: NOW_MS,
  allows: () => true,
  popularToo: true,
  ...more,
});
const told = (more: Partial<RecommendationQuestion> = {}) =>
  recommendItems(index, asked(more)).map(({ id, reason, becauseOf }) => [id, reason, ...(becauseOf === undefined ? [] : [becauseOf])]);

test('of nobody known the popular items are told, the most popular first and ties by id', () => {
  expect(told()).toEqual([
    ['soap', 'popular'],
    ['tea', 'popular'],
    ['cup', 'popular'],
    ['dish', 'popular'],
    ['pot', 'popular'],
  ]);
});

test('the neighbours of the context come before what is popular, and the context itself does not come', () => {
  expect(told({ context: ['tea'], count: 3 })).toEqual([
    ['cup', 'bought_together', 'tea'],
    ['pot', 'bought_together', 'tea'],
    ['soap', 'popular'],
  ]);
});

test('what was bought often and lately comes before what was bought once and long ago', () => {
  const history = [
    { id: 'dish', atMs: [NOW_MS - 300 * DAY_MS] },
    { id: 'pot', atMs: [NOW_MS - DAY_MS, NOW_MS - 10 * DAY_MS] },
  ];
  expect(told({ history }).filter(([, reason]) => reason === 'bought_before')).toEqual([
    ['pot', 'bought_before'],
    ['dish', 'bought_before'],
  ]);
});

test('what goes with a purchase of one day comes before what goes with one of last year', () => {
  const history = [
    { id: 'soap', atMs: [NOW_MS - 360 * DAY_MS] },
    { id: 'pot', atMs: [NOW_MS - DAY_MS] },
  ];
  const allows = (id: string) => id === 'dish' || id === 'tea';
  expect(told({ history, allows })).toEqual([
    ['tea', 'bought_together', 'pot'],
    ['dish', 'bought_together', 'soap'],
  ]);
});

test('what may not be recommended stays away, and the next best takes its place', () => {
  expect(told({ context: ['tea'], count: 2, allows: (id) => id !== 'cup' })).toEqual([
    ['pot', 'bought_together', 'tea'],
    ['soap', 'popular'],
  ]);
});

test('without the popular ones an answer may be short or empty', () => {
  expect(told({ context: ['tea'], popularToo: false })).toHaveLength(2);
  expect(told({ popularToo: false, context: ['nobody sold this'] })).toEqual([]);
});

test('an item that no basket holds is passed over, also where it was bought before', () => {
  expect(told({ history: [{ id: 'unheard of', atMs: [NOW_MS] }], count: 1 })).toEqual([['soap', 'popular']]);
});

test('an item that became known after the index was made changes nothing', () => {
  const late = { id: 'late', atMs: [NOW_MS] };
  index.vocabulary.numberOf('late');
  expect(told({ history: [late], context: ['late'] })).toEqual(told());
});

test('one answer leaves nothing behind for the next', () => {
  const before = told();
  told({ context: ['tea'], history: [{ id: 'soap', atMs: [NOW_MS] }] });
  expect(told()).toEqual(before);
});

test('the same question has the same answer, bit for bit, and is not edited', () => {
  const history = [{ id: 'tea', atMs: [NOW_MS - DAY_MS] }];
  const call = (past: RecommendationQuestion['history'], context: readonly string[]) => recommendItems(index, asked({ history: past, context }));
  expect(sealed({ call, given: () => [history, ['soap']] })).toEqual(call(history, ['soap']));
});
