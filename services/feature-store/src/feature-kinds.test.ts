import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kindOf } from './domain/active-feature.ts';
import { featureKinds } from './domain/features/index.ts';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations, DAY } from './gift-barn.fixture.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../examples/feature-kinds/attune.yaml'), 'utf8');

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start(EXAMPLE);
});
afterEach(() => world.end());

const subject = { userId: 'ann' };
const line = (product_id: string, quantity: number, price: number, category?: string) => ({ product_id, quantity, price, category });
const ordered = (total: number, currency: string, products: readonly object[]) =>
  world.happens('ann', { name: 'Order Completed', fields: { total, currency, gift: currency === 'GBP', products } });

/** Three orders, a week apart; then three looks at products, and a cancellation. */
async function history(): Promise<void> {
  await ordered(20, 'GBP', [line('mug', 2, 5, 'Mugs'), line('lamp', 1, 20, 'Lamps')]);
  world.pass(7 * DAY);
  await ordered(30.5, 'EUR', [line('mug', 1, 6, 'Mugs'), line('vase', 1, 24.5)]);
  world.pass(7 * DAY);
  await ordered(100, 'GBP', [line('lamp', 4, 25, 'Lamps')]);
  for (const product_id of ['mug', 'lamp', 'mug']) await world.happens('ann', { name: 'Product Viewed', fields: { product_id } });
  await world.happens('ann', { name: 'Order Cancelled', fields: { total: 100 } });
  await until(async () => (await world.call('features.v1.FeatureStoreService/GetProfile', { subject, purpose: 'personalise' }))['events'] === '7');
}

type Told = Readonly<Record<string, unknown>> & { readonly name: string; readonly value?: Readonly<Record<string, unknown>> };

async function told(features: readonly string[] = []): Promise<Record<string, unknown>> {
  const answer = await world.call('features.v1.FeatureStoreService/GetFeatures', { subjects: [subject], purpose: 'personalise', features });
  const [row] = answer['rows'] as [{ readonly values: readonly Told[] }];
  return Object.fromEntries(row.values.map(({ name, value, status }) => [name, value === undefined ? status : plain(value)]));
}

/** A value of the wire as a test writes it. */
function plain(value: Readonly<Record<string, unknown>>): unknown {
  const [[kind, inner] = []] = Object.entries(value);
  if (kind === 'texts' || kind === 'numbers') return (inner as { readonly values?: unknown }).values ?? [];
  if (kind !== 'byName') return kind === 'items' ? 'items' : inner;
  const { values = {} } = inner as { readonly values?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  return Object.fromEntries(Object.entries(values).map(([name, one]) => [name, plain(one)]));
}

test('the example uses every kind', () => {
  const used = new Set(configurations.of(EXAMPLE).features.map(({ kind }) => kind));
  expect([...used].toSorted()).toEqual(featureKinds.map(({ spec }) => spec.keyword).toSorted());
  for (const kind of used) expect(kindOf(kind)?.spec.keyword).toBe(kind);
});

test('every kind of feature is told as the events say', async () => {
  await history();
  expect(await told()).toEqual({
    orders: 3,
    gifts_90d: 2,
    spend_90d: 150.5,
    mean_order: 150.5 / 3,
    smallest_order: 20,
    largest_order_year: 100,
    spread_of_orders: expect.closeTo(35.497, 3),
    order_variance: expect.closeTo(1_260.056, 3),
    usual_order: 30.5,
    days_since_order: 0,
    usual_gap_days: 7,
    has_cancelled: true,
    weeks_in_a_row: 3,
    cancel_rate: 1 / 3,
    interest: 3,
    products_seen_30m: 2,
    first_currency: 'GBP',
    last_currency: 'GBP',
    first_totals: [20, 30.5, 100],
    last_totals: [100, 30.5, 20],
    last_seen: ['mug', 'mug', 'lamp'],
    seen_in_session: ['mug', 'mug', 'lamp'],
    spend_lately: expect.closeTo(20 * 0.5 ** (8 / 16) + 30.5 * 0.5 ** (4 / 16) + 100, 5), // 14 and 7 days ago, in steps of 1.875 that are the same for all
    favourites: ['lamp', 'mug', 'vase'],
    categories: ['Lamps', 'Mugs'],
    bought: 'items',
    pieces: 9,
    dear_lines: 2,
    pieces_by_category: { Lamps: 5, Mugs: 3 },
    interest_by_product: { lamp: 1, mug: 2 },
    worth_by_category: { Lamps: expect.closeTo(20 * 0.5 ** (4 / 16) + 25, 5), Mugs: expect.closeTo(5 * 0.5 ** (4 / 16) + 6 * 0.5 ** (2 / 16), 5) },
  });
});

test('one value by name is told by its own name, and one that is not there is missing', async () => {
  await history();
  expect(await told(['pieces_by_category.Mugs', 'pieces_by_category.Vases', 'interest_by_product.lamp'])).toEqual({
    'pieces_by_category.Mugs': 3,
    'pieces_by_category.Vases': 'VALUE_STATUS_MISSING',
    'interest_by_product.lamp': 1,
  });
  const refused = await world.call('features.v1.FeatureStoreService/GetFeatures', { subjects: [subject], purpose: 'personalise', features: ['orders.Mugs'] });
  expect(refused).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('segments read lists and values by name, and time alone changes what decays and what leaves a window', async () => {
  await history();
  const { segments } = await world.call('features.v1.FeatureStoreService/GetProfile', { subject, purpose: 'personalise' });
  expect(segments).toEqual(['bought_more_than_usual', 'mug_lover', 'regular']);
  const { change } = (await world.changes('ann')).find((one) => one.change.segment === 'mug_lover') ?? {};
  expect(change?.entered).toBe(true);
  expect(change?.reasons.map(({ name, value }) => [name, value?.kind?.$case])).toEqual([
    ['categories', 'texts'],
    ['pieces_by_category', 'byName'],
  ]);
  world.pass(14 * DAY);
  expect(await told(['interest', 'products_seen_30m', 'weeks_in_a_row', 'interest_by_product.mug'])).toEqual({
    interest: 0.75,
    products_seen_30m: 0,
    weeks_in_a_row: 0,
    'interest_by_product.mug': 0.5,
  });
});
