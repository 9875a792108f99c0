import { setImmediate as nextTurn } from 'node:timers/promises';
import { Activity, EventType, IndexGeneration, Item } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { RECOMMENDER_KINDS } from '@attune/kernel/recommender-kind';
import { HeldClock } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rankItems } from '../domain/recommenders/rank-items.ts';
import type { RecommenderPlan } from '../domain/recommenders/serve-recommenders.ts';
import { basketsOf } from './baskets-of.ts';
import { ACTIVITY, type Baskets, type BasketsPorts, followBaskets, GENERATIONS } from './follow-baskets.ts';
import { ITEMS } from './follow-items.ts';
import { configurations, giftBarn } from './shops.fixture.ts';

const HOUR_MS = 3_600_000;
const shop = giftBarn
  .replace(
    'Product Viewed: { role: view, item: product_id }',
    'Product Viewed: { role: view, item: product_id, fields: { product_id: { type: string, open: true } } }',
  )
  .replace('like_carts: { kind: vmis_knn }', 'like_carts: { kind: vmis_knn, over: sessions }');
const useOf = basketsOf(configurations.of(shop));
let clock: HeldClock;
let machineMs: number;
let log: SqliteEventLog;
let followers: Baskets[];

beforeEach(async () => {
  [clock, machineMs, followers] = [new HeldClock(), 0, []];
  log = new SqliteEventLog({ path: ':memory:', clock, stopwatch: { sleep: () => nextTurn() } });
  await log.ensureTopics([
    { topic: ACTIVITY, partitions: 3 },
    { topic: GENERATIONS, partitions: 1 },
    { topic: ITEMS, partitions: 1 },
  ]);
});
afterEach(async () => {
  await Promise.all(followers.map((one) => one.stop()));
  await log.close();
});

const plan = (name: string, kind: RecommenderPlan['kind'], numbers: RecommenderPlan['numbers']): RecommenderPlan => ({
  name,
  kind,
  over: 'baskets',
  numbers,
  of: [],
});
const recommenders = [
  { ...plan('looked', 'stan', RECOMMENDER_KINDS.stan.numbers), over: 'sessions' as const },
  plan('alike', 'content', { item_half_life: 10 }),
  plan('popular_now', 'popularity', { half_life: 86_400_000 }),
];

/** One whose own looks come never: only those that the test asks for. */
async function follower(from: BasketsPorts['log'] = log): Promise<Baskets> {
  const stopwatch = { elapsedMs: () => machineMs, sleep: () => new Promise<void>(() => undefined) };
  const one = followBaskets({ log: from, clock, stopwatch, tenant: 'default', useOf, recommenders });
  followers.push(one);
  await one.look();
  return one;
}

const logOf = (): BasketsPorts['log'] => ({
  identity: (topic) => log.identity(topic),
  bounds: (topic, partition) => log.bounds(topic, partition),
  read: (topic, partition, from, max) => log.read(topic, partition, from, max),
  append: (tenant, topic, records) => log.append(tenant, topic, records),
});

let orders = 0;
async function bought(...ids: string[]): Promise<void> {
  const products = ids.map((id) => ({ product_id: id, quantity: 1, price: 1 }));
  await happens({ name: 'Order Completed', openJson: JSON.stringify({ order_id: 'o', products }) });
}
async function happens(event: { name: string; openJson: string }, tenant = 'default'): Promise<void> {
  await happensTo(`p_${orders++}`, event, tenant);
}
async function happensTo(profileId: string, event: { name: string; openJson: string }, tenant = 'default'): Promise<void> {
  const nowMs = BigInt(clock.nowMs());
  const value = { type: EventType.EVENT_TYPE_TRACK, timestampMs: nowMs, receivedAtMs: nowMs, ...event };
  const activity = Activity.fromPartial({ profileId, record: { $case: 'event', value } });
  await log.append(tenant, ACTIVITY, [{ key: profileId, value: Activity.encode(activity).finish() }]);
}
async function look(...several: Baskets[]): Promise<void> {
  machineMs += 5_000;
  await Promise.all(several.map((one) => one.look()));
  await Promise.all(several.map((one) => one.look())); // one may have announced what another had looked for already
}

const said = (one: Baskets) => {
  const { number, index } = one.current();
  const { vocabulary, popular } = index;
  return {
    number,
    popular: popular.map((item) => [vocabulary.textOf(item), index.popularityOf(item)]),
    neighbours: popular.map((item) => index.neighboursOf(item).map(({ id, score }) => [id, score])),
  };
};
const announced = async () => (await log.read(GENERATIONS, 0, 0, 100)).map(({ value }) => IndexGeneration.decode(value));

test('what was bought is in the next generation, and a generation is announced only where something happened', async () => {
  const one = await follower();
  expect(one.current().number).toBe(0);
  await bought('tea', 'cup');
  await look(one);
  expect(said(one)).toMatchObject({ number: 1, neighbours: [[['tea', 1]], [['cup', 1]]] });
  await look(one);
  expect(await announced()).toHaveLength(1);
});

test('two that look at the same time announce one number twice, and both go by the first', async () => {
  const [one, two] = [await follower(), await follower()];
  await bought('tea', 'cup');
  machineMs += 5_000;
  clock.pass(HOUR_MS);
  await Promise.all([one.look(), bought('soap', 'dish'), two.look()]);
  await look(one, two);
  await look(one, two);
  const numbers = (await announced()).map(({ number }) => number);
  expect(numbers.length).toBeGreaterThan(new Set(numbers).size);
  expect(said(one)).toEqual(said(two));
  expect(said(one).popular).toHaveLength(4);
});

test('one that is started later answers as those do that saw every generation', async () => {
  const early = await follower();
  const goods = ['tea', 'cup', 'pot', 'soap', 'dish', 'mug'];
  for (let i = 0; i < 40; i++) {
    await bought(...goods.filter((_, g) => (i * (g + 3)) % 7 < 3));
    clock.pass(7 * HOUR_MS);
    if (i % 6 === 0) await look(early);
  }
  await look(early);
  const late = await follower();
  expect(late.current().number).toBeGreaterThan(5);
  expect(said(late)).toEqual(said(early));
});

test('a generation holds nothing that was bought after it was announced', async () => {
  const one = await follower();
  await bought('tea', 'cup');
  await look(one);
  await bought('tea', 'soap');
  const late = await follower();
  expect(said(late)).toEqual(said(one));
  expect(said(late).popular.flat()).not.toContain('soap');
});

test('a second record of a number, and one that leaves a gap, are passed over', async () => {
  const one = await follower();
  await bought('tea', 'cup');
  await look(one);
  await bought('tea', 'soap');
  const ends = await Promise.all([0, 1, 2].map(async (partition) => BigInt((await log.bounds(ACTIVITY, partition)).endOffset)));
  for (const number of [1n, 3n]) {
    const value = IndexGeneration.encode(IndexGeneration.fromPartial({ number, atMs: BigInt(clock.nowMs()), endOffsets: ends })).finish();
    await log.append('default', GENERATIONS, [{ key: String(number), value }]);
  }
  await one.look();
  const late = await follower();
  expect(said(late)).toEqual(said(one));
  expect(said(late).popular.flat()).not.toContain('soap');
});

test('records that a log gives beyond the end of a generation wait for the next one', async () => {
  const one = await follower();
  for (let i = 0; i < 8; i++) await bought('tea', 'cup');
  await look(one);
  for (let i = 0; i < 8; i++) await bought('tea', 'soap');
  const generous = { ...logOf(), read: (topic: string, partition: number, from: number) => log.read(topic, partition, from, 1_000) };
  const late = await follower(generous);
  expect(said(late)).toEqual(said(one));
  await look(one, late);
  expect(said(late)).toEqual(said(one));
  expect(said(late).popular.flat()).toContain('soap');
});

test('what is no purchase, lies sealed, cannot be read or is of another tenant is passed over', async () => {
  const one = await follower();
  await happens({ name: 'Product Viewed', openJson: '{"product_id":"seen"}' });
  await happens({ name: 'Order Completed', openJson: '' });
  await happens({ name: 'Order Completed', openJson: '{"products":"none"}' });
  await happens({ name: 'Order Completed', openJson: '{"products":[{"product_id":{}},{"product_id":""},7]}' });
  await happens({ name: 'Order Completed', openJson: '{broken' });
  await happens({ name: 'Order Completed', openJson: '{"products":[{"product_id":"theirs"}]}' }, 'other');
  await log.append('default', ACTIVITY, [{ key: 'p', value: Uint8Array.of(255, 255) }]);
  await bought('tea', 'tea');
  await look(one);
  expect(said(one).popular).toEqual([['tea', 1]]);
});

test('sessions of looks are counted without whose they are, alike by one who read them at once and one who read them in steps', async () => {
  const looks = (profileId: string, id: string) => happensTo(profileId, { name: 'Product Viewed', openJson: JSON.stringify({ product_id: id }) });
  const early = await follower();
  for (const [profileId, ...seen] of [
    ['p_ann', 'tea', 'cup'],
    ['p_bob', 'tea', 'pot'],
    ['p_cem', 'tea', 'cup'],
  ] as const) {
    for (const id of seen) {
      await looks(profileId, id);
      await look(early);
    }
    clock.pass(HOUR_MS);
  }
  await looks('p_ann', 'fan');
  await look(early);
  const late = await follower();
  const after = (one: Baskets, id: string) => {
    const { index, models } = one.current();
    const model = models.get('looked');
    if (model === undefined) throw new Error('no model');
    const asked = { history: [], context: [id], nowMs: clock.nowMs() };
    return rankItems(index, model, asked, { count: 5, allows: (other) => other !== id, popularToo: false }).map((item) => [item.id, item.score]);
  };
  expect(after(early, 'tea').map(([id]) => id)).toEqual(['cup', 'pot']);
  expect(after(early, 'fan')).toEqual([]);
  expect([late.current().number, after(late, 'tea')]).toEqual([early.current().number, after(early, 'tea')]);
});

test('an item that was published is in the next generation for recommenders that know items by their words, on every follower alike', async () => {
  const publish = (id: string, title: string) =>
    log.append('default', ITEMS, [{ key: id, value: Item.encode(Item.fromPartial({ id, titles: { en: title } })).finish() }]);
  const like = (one: Baskets, id: string): readonly string[] => {
    const { index, models } = one.current();
    const model = models.get('alike');
    if (model === undefined) throw new Error('no model');
    const asked = { history: [], context: [id], nowMs: clock.nowMs() };
    return rankItems(index, model, asked, { count: 5, allows: (other) => other !== id, popularToo: false }).map((item) => item.id);
  };
  const early = await follower();
  await publish('tea_1', 'Green tea');
  await look(early);
  expect(like(early, 'tea_1')).toEqual([]);
  await publish('tea_2', 'Black tea');
  await bought('soap');
  await look(early);
  const late = await follower();
  for (const one of [early, late]) expect([one.current().number, like(one, 'tea_1')]).toEqual([early.current().number, ['tea_2']]);
  await log.append('default', ITEMS, [{ key: 'tea_2', value: new Uint8Array(), tombstone: true }]);
  await look(early, late);
  for (const one of [early, late]) expect(like(one, 'tea_1')).toEqual([]);
});
