import { seededRandom } from '@attune/kernel/random';
import { RECOMMENDER_KINDS, type RecommenderKind } from '@attune/kernel/recommender-kind';
import { expect, test } from 'vitest';
import { newestBaskets } from '../basket-set.ts';
import { Vocabulary } from '../vocabulary.ts';
import { ItemWords, indexedHistory } from './indexed-history.ts';
import { rankItems } from './rank-items.ts';
import { type RecommenderPlan, serveRecommenders } from './serve-recommenders.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);

interface Bought {
  readonly ids: readonly string[];
  readonly daysAgo: number;
}

/** A generation of these baskets and titles, which came to this process in one order or another. */
function worldOf(baskets: readonly Bought[], titles: Readonly<Record<string, string>> = {}, arrival: (ids: string[]) => string[] = (ids) => ids) {
  const vocabulary = new Vocabulary();
  for (const id of arrival([...Object.keys(titles), ...baskets.flatMap(({ ids }) => ids)])) vocabulary.numberOf(id);
  const words = new ItemWords();
  for (const [id, title] of Object.entries(titles)) words.describe(vocabulary.numberOf(id), title.split(' '));
  const placed = baskets.map(({ ids, daysAgo }, offset) => ({
    atMs: NOW_MS - daysAgo * DAY_MS,
    partition: 0,
    offset,
    items: ids.map((id) => vocabulary.numberOf(id)),
  }));
  return indexedHistory({ atMs: NOW_MS, baskets: newestBaskets([], placed, 1_000), vocabulary, words });
}

const plan = (kind: RecommenderKind, more: Partial<RecommenderPlan> = {}): RecommenderPlan => ({
  ...{ name: kind, kind, over: 'baskets', numbers: RECOMMENDER_KINDS[kind].numbers, of: [] },
  ...more,
});
const kinds = Object.keys(RECOMMENDER_KINDS) as RecommenderKind[];
const plans = kinds.map((kind) =>
  plan(kind, kind === 'blend' ? { of: kinds.filter((part) => part !== 'blend').map((name, at) => ({ name, weight: at + 1 })) } : {}),
);

interface Question {
  readonly history?: Readonly<Record<string, readonly number[]>>;
  readonly context?: readonly string[];
}

function answerOf(name: string, world: ReturnType<typeof worldOf>, { history = {}, context = [] }: Question, count = 10) {
  const model = serveRecommenders(plans, world).get(name);
  if (model === undefined) throw new Error(`no ${name}`);
  const uses = Object.entries(history).map(([id, daysAgo]) => ({ id, atMs: daysAgo.map((days) => NOW_MS - days * DAY_MS) }));
  return rankItems(world.index, model, { history: uses, context, nowMs: NOW_MS }, { count, allows: (id) => !context.includes(id), popularToo: false });
}
const idsOf = (...asked: Parameters<typeof answerOf>): readonly string[] => answerOf(...asked).map(({ id }) => id);

const shop = worldOf(
  [
    { ids: ['tea', 'cup'], daysAgo: 40 },
    { ids: ['tea', 'cup'], daysAgo: 41 },
    { ids: ['tea', 'pot'], daysAgo: 42 },
    { ids: ['soap'], daysAgo: 60 },
    { ids: ['soap'], daysAgo: 61 },
    { ids: ['soap', 'dish'], daysAgo: 62 },
    { ids: ['fan'], daysAgo: 0 },
  ],
  { tea: 'green tea', matcha: 'matcha green tea', fan: 'paper fan' },
);

test.each<[RecommenderKind, Question, readonly string[]]>([
  ['co_purchase', { context: ['tea'] }, ['cup', 'pot']],
  ['popularity', {}, ['fan', 'tea', 'cup', 'soap', 'pot', 'dish']],
  ['trending', {}, ['fan']],
  ['stan', { context: ['tea'] }, ['cup', 'pot']],
  ['vmis_knn', { context: ['tea'] }, ['cup', 'pot']],
  ['repeat_purchase', { history: { dish: [1], soap: [50, 90], pot: [50] } }, ['soap', 'pot', 'dish']],
  ['content', { history: { tea: [3] } }, ['tea', 'matcha']],
])('%s ranks by what it knows', (kind, question, expected) => {
  expect(idsOf(kind, shop, question)).toEqual(expected);
});

test('what reads a context or a history says nothing without one', () => {
  for (const kind of ['co_purchase', 'stan', 'vmis_knn', 'repeat_purchase', 'content']) expect(idsOf(kind, shop, {})).toEqual([]);
  for (const kind of ['stan', 'content']) expect(idsOf(kind, shop, { context: ['unheard of'] })).toEqual([]);
});

test('each kind and their blend answer alike in the last bit, whatever order the baskets and items came to a process in', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seededRandom(`served ${seed}`);
    const below = (count: number): number => Math.floor(random() * count);
    const some = (count: number): string[] => [...new Set(Array.from({ length: 1 + below(count) }, () => `i${below(12)}`))];
    const baskets = Array.from({ length: 30 }, (): Bought => ({ ids: some(5), daysAgo: below(20) }));
    const titles = Object.fromEntries(some(12).map((id) => [id, some(4).join(' ')]));
    const shuffled = (ids: string[]): string[] =>
      ids
        .map((id) => ({ id, at: random() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ id }) => id);
    const question = { history: Object.fromEntries(some(4).map((id) => [id, [below(50)]])), context: some(3) };
    const [one, other] = [worldOf(baskets, titles), worldOf(baskets, titles, shuffled)];
    for (const kind of kinds) expect(answerOf(kind, one, question, 5), kind).toEqual(answerOf(kind, other, question, 5));
  }
});

test('a model of words that was made before others bought items without a word answers as one made after that, and a new word is heard', () => {
  const vocabulary = new Vocabulary();
  const described = (): ItemWords => {
    const words = new ItemWords();
    for (const title of ['green tea', 'green matcha', 'paper fan']) words.describe(vocabulary.numberOf(title), title.split(' '));
    return words;
  };
  const early = described();
  const ask = (words: ItemWords) => answerOf('content', indexedHistory({ atMs: NOW_MS, baskets: [], vocabulary, words }), { context: ['green tea'] });
  ask(early);
  vocabulary.numberOf('bought without a word');
  expect(ask(early)).toEqual(ask(described()));
  early.describe(vocabulary.numberOf('mug'), ['green', 'mug']);
  expect(ask(early).map(({ id }) => id)).toContain('mug');
});
