import { setImmediate as nextTurn } from 'node:timers/promises';
import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type GetFeaturesRequest, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { type DeepPartial, Item } from '@attune/contracts/messages/log/v1/log';
import { RecommendationReason, RecommendRequest, type RecommendResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ItemWords, indexedHistory } from '../domain/recommenders/indexed-history.ts';
import { serveRecommenders } from '../domain/recommenders/serve-recommenders.ts';
import { Vocabulary } from '../domain/vocabulary.ts';
import { followItems, ITEMS, type Items } from './follow-items.ts';
import { recommend } from './recommend.ts';
import { configurations, giftBarn } from './shops.fixture.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const several = giftBarn.replace(
  'recommenders:',
  `recommenders:
  rising: { kind: trending }
  cart: { kind: stan, placements: [side] }
  mixed: { kind: blend, of: { rising: 0.1, cart: 1, again: 2 }, history: bought, placements: [home], exclude: [] }
  again: { kind: repeat_purchase, history: bought, fallback: nothing, exclude: [] }`,
);
let configuration = () => configurations.of(giftBarn);
const ANN = { id: { $case: 'userId', value: 'ann' } } as const;

const vocabulary = new Vocabulary();
const goods = [['tea', 'cup'], ['tea', 'cup'], ['tea', 'pot'], ['soap'], ['soap'], ['soap'], ['soap', 'dish']];
const baskets = goods.map((ids, offset) => ({ atMs: NOW_MS, partition: 0, offset, items: ids.map((id) => vocabulary.numberOf(id)) }));
const world = indexedHistory({ baskets, atMs: NOW_MS, vocabulary, words: new ItemWords() });

let log: SqliteEventLog;
let items: Items;
let asked: GetFeaturesRequest[];
let bought: Readonly<Record<string, number>>;
let status: ValueStatus;

beforeEach(async () => {
  log = new SqliteEventLog({ path: ':memory:', clock: { nowMs: () => NOW_MS }, stopwatch: { sleep: () => nextTurn() } });
  await log.ensureTopics([{ topic: ITEMS, partitions: 1 }]);
  const stopwatch = { elapsedMs: () => 0, sleep: () => new Promise<void>(() => undefined) };
  items = followItems({ log, stopwatch, tenant: 'default', configuration });
  configuration = () => configurations.of(giftBarn);
  [asked, bought, status] = [[], {}, ValueStatus.VALUE_STATUS_PRESENT];
});
afterEach(() => log.close());

/** A profile that bought these so many days ago; without any it is not known. */
const getFeatures = async (_tenant: string, request: GetFeaturesRequest) => {
  asked.push(request);
  const uses = Object.entries(bought).map(([id, days]) => ({ id, atMs: [BigInt(NOW_MS - days * DAY_MS)] }));
  if (uses.length === 0) return GetFeaturesResponse.fromPartial({ rows: [{ values: [{ name: 'bought', status: ValueStatus.VALUE_STATUS_MISSING }] }] });
  const value = status === ValueStatus.VALUE_STATUS_PRESENT ? { kind: { $case: 'items', value: { items: uses } } as const } : undefined;
  return GetFeaturesResponse.fromPartial({ rows: [{ profileId: 'p_ann', values: [{ name: 'bought', status, value }], nowMs: BigInt(NOW_MS) }] });
};
const ask = (request: DeepPartial<RecommendRequest> = {}, itemsOf: Pick<Items, 'itemOf' | 'current'> = items) =>
  recommend({
    ...{ clock: { nowMs: () => NOW_MS }, configuration, getFeatures, items: itemsOf },
    ...{ baskets: { current: () => ({ number: 7, index: world.index, models: serveRecommenders(configuration().recommenders, world) }) }, freshId: () => 'x' },
  })('default', RecommendRequest.fromPartial(request));
const idsIn = ({ items: found }: RecommendResponse): string[] => found.map(({ id }) => id);
const publish = (item: DeepPartial<Item> & { id: string }) =>
  log.append('default', ITEMS, [{ key: item.id, value: Item.encode(Item.fromPartial(item)).finish() }]);

test('of nobody known the popular items come, and the answer says that it is a fallback', async () => {
  const answer = await ask({ count: 2 });
  expect(idsIn(answer)).toEqual(['soap', 'tea']);
  expect(answer).toMatchObject({
    fallback: true,
    generation: 7n,
    decisionId: 'r_x',
    profileId: '',
    history: ValueStatus.VALUE_STATUS_MISSING,
    itemsStale: false,
  });
  expect(asked).toEqual([]);
  expect(idsIn(await ask({ subject: ANN, count: 2 }))).toEqual(['soap', 'tea']);
});

test('what was bought within thirty days is left out, and what goes with it comes first, with the reason in words', async () => {
  bought = { tea: 3 };
  await publish({ id: 'tea', titles: { en: 'Green Tea', id: 'Teh' } });
  await publish({ id: 'cup', titles: { id: 'Cangkir' } });
  const answer = await ask({ subject: ANN });
  expect(idsIn(answer)).toEqual(['cup', 'pot', 'soap', 'dish']);
  expect(answer.items[0]).toMatchObject({
    title: 'Cangkir',
    reason: RecommendationReason.RECOMMENDATION_REASON_BOUGHT_TOGETHER,
    becauseOf: 'tea',
    words: 'bought together with Green Tea',
  });
  expect(answer).toMatchObject({ fallback: false, profileId: 'p_ann', history: ValueStatus.VALUE_STATUS_PRESENT });
  expect(asked).toMatchObject([{ features: ['bought'], purpose: 'personalise' }]);
});

test('what was bought longer ago may come again, unless the call says otherwise either way', async () => {
  bought = { tea: 40, pot: 3 };
  expect(idsIn(await ask({ subject: ANN }))).toContain('tea');
  expect(idsIn(await ask({ subject: ANN, filter: { alreadyBought: false } }))).not.toContain('tea');
  expect(idsIn(await ask({ subject: ANN, filter: { alreadyBought: true } }))).toContain('pot');
});

test('without consent nothing of the history counts, and the answer says so', async () => {
  [bought, status] = [{ tea: 3 }, ValueStatus.VALUE_STATUS_WITHHELD];
  const answer = await ask({ subject: ANN, purpose: 'marketing' });
  expect(answer).toMatchObject({ fallback: true, history: ValueStatus.VALUE_STATUS_WITHHELD, profileId: 'p_ann' });
  expect(idsIn(answer)).toEqual(idsIn(await ask()));
  expect(asked[0]?.purpose).toBe('marketing');
});

test('an item that is out of stock is gone from the next call on, and back once it is available', async () => {
  expect(idsIn(await ask({ count: 1 }))).toEqual(['soap']);
  await publish({ id: 'soap', available: false });
  expect(idsIn(await ask({ count: 1 }))).toEqual(['tea']);
  await publish({ id: 'soap', available: true });
  expect(idsIn(await ask({ count: 1 }))).toEqual(['soap']);
  await log.append('default', ITEMS, [{ key: 'soap', value: new Uint8Array(), tombstone: true }]);
  expect(idsIn(await ask({ count: 1 }))).toEqual(['tea']);
});

test('category, price and named items are filtered', async () => {
  await publish({ id: 'soap', category: ['Bath'], price: { minor: 300n, currency: 'GBP' } });
  await publish({ id: 'dish', category: ['Bath', 'Dishes'], price: { minor: 900n, currency: 'GBP' } });
  expect(idsIn(await ask({ filter: { category: ['Bath'] } }))).toEqual(['soap', 'dish']);
  expect(idsIn(await ask({ filter: { category: ['Bath'], priceMin: { minor: 301n, currency: 'GBP' } } }))).toEqual(['dish']);
  expect(idsIn(await ask({ filter: { exclude: ['soap', 'tea'] } }))).toEqual(['cup', 'dish', 'pot']);
});

test('where the log does not answer in time the items that are known count, and the answer says so', async () => {
  await publish({ id: 'soap', available: false });
  await ask();
  const answer = await ask({ count: 1 }, { itemOf: items.itemOf, current: async () => false });
  expect(answer).toMatchObject({ itemsStale: true });
  expect(idsIn(answer)).toEqual(['tea']);
});

test('an answer waits two seconds for a log that is away, the next ones hardly, and the first after it is back in full', async () => {
  const slept: number[] = [];
  const over: (() => void)[] = [];
  const stopwatch = {
    elapsedMs: () => 0,
    sleep: (ms: number) => {
      slept.push(ms);
      return new Promise<void>((resolve) => void over.push(resolve));
    },
  };
  let away = true;
  const answering = <T>(work: () => Promise<T>): Promise<T> => (away ? Promise.reject(new Error('away')) : work());
  const from = { identity: (topic: string) => answering(() => log.identity(topic)), bounds: log.bounds.bind(log), read: log.read.bind(log) };
  const following = followItems({ log: from, stopwatch, tenant: 'default', configuration });
  expect([await following.current(), await following.current()]).toEqual([false, false]);
  away = false;
  expect([await following.current(), await following.current()]).toEqual([true, true]);
  expect(slept).toEqual([2_000, 50, 50, 2_000]);
});

test('a placement is answered by its recommender, a name goes before it, and the answer says who answered', async () => {
  configuration = () => configurations.of(several);
  const cart = await ask({ placement: 'side', contextItems: ['tea'], count: 2 });
  expect(cart).toMatchObject({ recommender: 'cart', fallback: false, silent: [] });
  expect(cart.items.map(({ id, words }) => [id, words])).toEqual([
    ['cup', 'in baskets like this one'],
    ['pot', 'in baskets like this one'],
  ]);
  expect((await ask({ placement: 'side', recommender: 'also_bought' })).recommender).toBe('also_bought');
  await expect(ask({ placement: 'shelf' })).rejects.toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringContaining('placement') });
  expect((await ask({})).recommender).toBe('also_bought');
  configuration = () => configurations.of(several.replace('[default]', '[]'));
  await expect(ask({})).rejects.toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringContaining('recommender') });
});

test('the item that is looked at may come itself where the recommender says so, and one seller’s items can be asked for', async () => {
  configuration = () => configurations.of(several.replace('kind: stan,', 'kind: stan, recommend_context: true,'));
  const cart = { placement: 'side', contextItems: ['tea'] };
  expect(idsIn(await ask(cart))).toContain('tea');
  await publish({ id: 'cup', seller: 'acme' });
  expect(idsIn(await ask({ ...cart, filter: { seller: 'acme' } }))).toEqual(['cup']);
});

test('a blend says of each item which part said most, and which parts had nothing to say', async () => {
  configuration = () => configurations.of(several);
  bought = { dish: 40 };
  const answer = await ask({ placement: 'home', subject: ANN, contextItems: ['tea'] });
  expect(answer.silent).toEqual([]);
  expect(answer.items.map(({ id, part }) => [id, part])).toEqual([
    ['dish', 'again'],
    ['cup', 'cart'],
    ['pot', 'cart'],
    ['soap', 'rising'],
  ]);
  expect((await ask({ placement: 'home', contextItems: ['tea'] })).silent).toEqual(['again']);
  expect(await ask({ recommender: 'again' })).toMatchObject({ items: [], fallback: true });
});

test.each<[DeepPartial<RecommendRequest>, string]>([
  [{ recommender: 'another' }, 'recommender'],
  [{ count: 101 }, 'count'],
  [{ count: -1 }, 'count'],
  [{ contextItems: Array(51).fill('x') }, 'context_items'],
  [{ filter: { exclude: Array(501).fill('x') } }, 'filter.exclude'],
  [{ filter: { category: Array(51).fill('x') } }, 'filter.category'],
  [{ filter: { priceMax: { minor: 1n, currency: 'pounds' } } }, 'filter.price_max.currency'],
])('a request that is out of its bounds is refused by the name of the field (%#)', async (request, field) => {
  await expect(ask(request)).rejects.toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringContaining(field) });
});
