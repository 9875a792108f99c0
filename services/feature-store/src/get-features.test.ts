import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations, DOCUMENT } from './gift-barn.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

const subject = { userId: 'ann' };
const order = (total: number) => ({ name: 'Order Completed', fields: { total, order_id: 'o' } });
const profile = () => world.call('features.v1.FeatureStoreService/GetProfile', { subject, purpose: 'personalise' });
const features = (request: object) => world.call('features.v1.FeatureStoreService/GetFeatures', { subjects: [subject], purpose: 'personalise', ...request });
const folded = (events: number) => until(async () => (await profile())['events'] === String(events));

test('views are read beside features, many at once, each for its own purpose unless the call names one', async () => {
  await world.happens('ann', { fields: { country: 'GB', email: 'ann@example.com' } });
  await world.happens('ann', order(10));
  await folded(2);
  const told = async (request: object) => {
    const { rows, views, ...more } = (await features(request)) as { rows?: { values: object[]; views: { values: object[] }[] }[]; views?: object[] };
    const statuses = (values: object[] = []) =>
      values.map((one) => `${Reflect.get(one, 'name')} ${String(Reflect.get(one, 'status')).slice('VALUE_STATUS_'.length)}`);
    return { values: statuses(rows?.[0]?.values), views: rows?.[0]?.views?.map(({ values }) => statuses(values)), read: views, ...more };
  };
  const habit = ['orders PRESENT', 'orders_90d PRESENT', 'spend_90d PRESENT', 'days_since_order PRESENT', 'usual_gap_days MISSING', 'traits.country PRESENT'];
  expect(await told({ views: ['buying_habit'], purpose: '' })).toEqual({
    values: [],
    views: [habit],
    read: [{ name: 'buying_habit', version: expect.stringMatching(/^[0-9a-f]{12}$/), purpose: 'personalise' }],
  });
  const both = await told({ features: ['orders'], views: ['clicks', 'buying_habit'], purpose: 'marketing' });
  expect(both.values).toEqual(['orders WITHHELD']);
  expect(both.views).toEqual([['promotion_clicks_90d WITHHELD', 'lost_to_cancel WITHHELD'], habit.map((one) => one.replace(/ .*/, ' WITHHELD'))]);
  expect(await told({ views: ['clicks'], purpose: '' })).toMatchObject({ message: expect.stringContaining('views.clicks.purpose') });
  expect(await told({ views: ['buying_habits'] })).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('buying_habit?') });
  expect(await told({ views: Array(51).fill('clicks') })).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('At most 50') });
  expect(await told({ features: ['orders'], views: ['buying_habit'], purpose: '' })).toMatchObject({ reason: 'REQUEST_INVALID' });
  const stranger = ((await features({ subjects: [{ userId: 'eve' }], views: ['clicks'] }))['rows'] as object[])[0];
  expect(JSON.stringify(stranger).match(/MISSING/g)).toHaveLength(2);
});

test('a view has another version once what one of its values means has changed', () => {
  const versions = (document: string) => configurations.of(document).views.map(({ version }) => version);
  const [habit, clicks] = versions(DOCUMENT);
  const [habit2, clicks2] = versions(
    DOCUMENT.replace('spend_90d: { sum: total, of: Order Completed, window: 90d }', 'spend_90d: { sum: total, of: Order Completed, window: 30d }'),
  );
  expect([habit === habit2, clicks === clicks2]).toEqual([false, true]);
});
