import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { DAY, DOCUMENT } from './gift-barn.fixture.ts';

const VIEWS = `
  mine: { features: [orders, traits.email, last_totals, halves, by_kind, seen], purpose: marketing }
  told: { features: [traits.email, orders_90d], purpose: service }
  fresh: { features: [orders, spend_90d], purpose: personalise, max_age: 3d }
`;
const FEATURES = `
  last_totals: { last_k: total, of: Order Completed, k: 3 }
  halves: { last_k: total, of: Order Cancelled, k: 3 }
  by_kind: { count: Order Completed, by: currency }
  seen: { last_k: total, of: Order Cancelled, k: 2, where: total > 1000000 }
`;

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start(
    DOCUMENT.replace('\nviews: # a named', `${FEATURES}\nviews:${VIEWS}\n  #`)
      .replace('orders_90d: { count: Order Completed, window: 90d }', 'orders_90d: { count: Order Completed, window: 90d, purposes: [service, personalise] }')
      .replace(/\n {2}buying_habit: .*\n {2}clicks: .*\n/, '\n  clicks: [lost_to_cancel]\n')
      .replace(/\nlabels:[\s\S]*?\n\n/, '\n'),
  );
});
afterEach(() => world.end());

const order = (total: number) => ({ name: 'Order Completed', fields: { total, order_id: 'o', currency: 'GBP' } });

async function post(body: unknown) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await world.app.inject({ method: 'POST', url: '/get-online-features', payload, headers: { 'content-type': 'application/json' } });
  return { status: answer.statusCode, text: answer.body, json: answer.json() as Answer };
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[]; readonly feature_view_metadata?: readonly { readonly version: number }[] };
  readonly results: readonly { readonly values: readonly unknown[]; readonly statuses: readonly string[]; readonly event_timestamps: readonly string[] }[];
  readonly detail?: string;
}

/** By column: values and statuses. */
const told = ({ json: { metadata, results } }: Awaited<ReturnType<typeof post>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(metadata.feature_names.map((name, i) => [name, results[i]?.values.map((value, row) => [value, results[i]?.statuses[row]])]));

const ask = (features: readonly string[], users: readonly unknown[] = ['ann'], more: object = {}) => post({ features, entities: { user_id: users }, ...more });
const counted = (orders: number) => until(async () => JSON.stringify(told(await ask(['fresh:orders']))['orders']) === JSON.stringify([[orders, 'PRESENT']]));

test('columns come in the order asked for, the entity first, each with a status and an event time a row', async () => {
  await world.happens('ann', order(10));
  await counted(1);
  const { json, status } = await ask(['fresh:spend_90d', 'fresh:orders'], ['eve', 'ann']);
  const happened = new Date(world.clock.nowMs()).toISOString();
  const never = new Date(0).toISOString();
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      metadata: { feature_names: ['user_id', 'spend_90d', 'orders'] },
      results: [
        { values: ['eve', 'ann'], statuses: ['PRESENT', 'PRESENT'], event_timestamps: [never, never] },
        { values: [null, 10], statuses: ['NOT_FOUND', 'PRESENT'], event_timestamps: [never, happened] },
        { values: [null, 1], statuses: ['NOT_FOUND', 'PRESENT'], event_timestamps: [never, happened] },
      ],
    },
  });
});

test('each view is read for its own purpose, and what that may not know looks like what is not there', async () => {
  await world.happens('ann', { fields: { email: 'ann@example.com' } });
  await world.happens('ann', order(10));
  await counted(1);
  expect(told(await ask(['told:traits.email', 'told:orders_90d', 'mine:orders']))).toMatchObject({
    'traits.email': [['ann@example.com', 'PRESENT']],
    orders_90d: [[1, 'PRESENT']],
    orders: [[null, 'NOT_FOUND']],
  });
  await world.call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'ann' }, purposes: { marketing: true } });
  expect(told(await ask(['mine:orders']))['orders']).toEqual([[1, 'PRESENT']]);
  await world.keys.destroy('default', [subjectKey('p_ann')]);
  world.pass(61_000); // keys are held for a minute
  expect(told(await ask(['told:traits.email']))['traits.email']).toEqual([[null, 'NOT_FOUND']]);
  expect(await ask(['clicks:lost_to_cancel'])).toMatchObject({ status: 400, json: { detail: expect.stringContaining('views.clicks.purpose') } });
});

test('what is too old is outside its maximum age and without a value', async () => {
  await world.happens('ann', order(10));
  await counted(1);
  world.pass(3 * DAY + 1);
  expect(told(await ask(['fresh:spend_90d']))['spend_90d']).toEqual([[null, 'OUTSIDE_MAX_AGE']]);
});

test('a whole view comes as a feature service, with full names and versions where asked for', async () => {
  const cancelled = (total: number) => ({ name: 'Order Cancelled', fields: { total, order_id: 'o' } });
  for (const happening of [order(10), order(2.5), cancelled(1), cancelled(3)]) {
    await world.happens('ann', happening);
    world.pass(1_000);
  }
  await world.call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'ann' }, purposes: { marketing: true } });
  await counted(2);
  const body = { feature_service: 'mine', entities: { user_id: ['ann'] }, full_feature_names: true, include_feature_view_version_metadata: true };
  await until(async () => (await post(body)).text.includes('[3,1]'));
  const answer = await post(body);
  expect(told(answer)).toEqual({
    user_id: [['ann', 'PRESENT']],
    mine__orders: [[2, 'PRESENT']],
    'mine__traits.email': [[null, 'NULL_VALUE']],
    mine__last_totals: [[[2.5, 10], 'PRESENT']],
    mine__halves: [[[3, 1], 'PRESENT']],
    mine__by_kind: [[{ GBP: 2 }, 'PRESENT']],
    mine__seen: [[null, 'NULL_VALUE']],
  });
  // Feast refuses a list of whole numbers and fractions, and takes either kind alone.
  expect(answer.text).toContain('[2.5,10.0]');
  expect(answer.json.metadata.feature_view_metadata).toEqual([{ name: 'mine', version: expect.any(Number) }]);
});

const entities = { user_id: ['ann'] };
test.each<readonly [says: string, body: unknown]>([
  ['JSON', '{'],
  ['JSON object', []],
  ['Field: entities. A mapping', { features: ['fresh:orders'] }],
  ['Field: entities. One entity', { features: ['fresh:orders'], entities: {} }],
  ['Field: entities. One entity', { features: ['fresh:orders'], entities: { user_id: ['a'], profile_id: ['b'] } }],
  ['Did you mean user_id?', { features: ['fresh:orders'], entities: { userid: ['a'] } }],
  ['An entity is user_id', '{"features":["fresh:orders"],"entities":{"__proto__":["a"]}}'],
  ['Field: entities.user_id. A list', { features: ['fresh:orders'], entities: { user_id: 'ann' } }],
  ['Field: entities.user_id. At most 1000', { features: ['fresh:orders'], entities: { user_id: Array(1001).fill('a') } }],
  ['Field: entities. 1000 of them with 51', { features: Array(51).fill('fresh:orders'), entities: { user_id: Array(1000).fill('a') } }],
  ['Field: entities.user_id[1]. A text', { features: ['fresh:orders'], entities: { user_id: ['a', null] } }],
  ['Field: entities.user_id[0]. A text', { features: ['fresh:orders'], entities: { user_id: [1.5] } }],
  ['Field: entities.user_id[0]. A text', { features: ['fresh:orders'], entities: { user_id: [['a']] } }],
  ['Field: features. Name at least one', { entities }],
  ['Field: features. A list', { features: 'fresh:orders', entities }],
  ['Field: features[0]. A text', { features: [{}], entities }],
  ['Field: features[0]. Write <view>:<feature>', { features: ['orders'], entities }],
  ['Did you mean fresh?', { features: ['frehs:orders'], entities }],
  ['No view of that name', { features: ['__proto__:orders'], entities }],
  ['The view fresh has no such feature. Did you mean orders?', { features: ['fresh:order'], entities }],
  ['Another column has the same name', { features: ['fresh:orders', 'mine:orders'], entities }],
  ['At most 500', { features: Array(501).fill('fresh:orders'), entities }],
  ['Field: feature_service. The name', { feature_service: ['fresh'], entities }],
  ['Did you mean fresh?', { feature_service: 'fresch', entities }],
  ['Either features or a feature_service', { feature_service: 'fresh', features: ['fresh:orders'], entities }],
  ['Field: full_feature_names. True or false', { features: ['fresh:orders'], entities, full_feature_names: 'yes' }],
])('what cannot be answered is told where Feast looks: %s', async (says, body) => {
  const { status, json } = await post(body);
  expect({ status, detail: json.detail }).toEqual({ status: 400, detail: expect.stringContaining(says) });
});

test('health is that profiles can be read', async () => {
  expect((await world.app.inject('/health')).json()).toEqual({ status: 'healthy' });
});
