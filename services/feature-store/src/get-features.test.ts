import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations, DAY, DOCUMENT } from './gift-barn.fixture.ts';

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
const named = (values: unknown, wanted: string) => (values as { name: string }[]).find(({ name }) => name === wanted);
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
  expect(JSON.stringify(stranger).match(/NOT_FOUND/g)).toHaveLength(2);
});

test('a view has another version once what one of its values means has changed', () => {
  const versions = (document: string) => configurations.of(document).views.map(({ version }) => version);
  const [habit, clicks] = versions(DOCUMENT);
  const [habit2, clicks2] = versions(
    DOCUMENT.replace('spend_90d: { sum: total, of: Order Completed, window: 90d }', 'spend_90d: { sum: total, of: Order Completed, window: 30d }'),
  );
  expect([habit === habit2, clicks === clicks2]).toEqual([false, true]);
});

const statusesOf = (rows: unknown): readonly string[] =>
  (rows as { values?: { status: string; ageMs?: string }[] }[]).map(({ values = [] }) =>
    values.map(({ status, ageMs }) => `${status.slice('VALUE_STATUS_'.length)}${ageMs === undefined ? '' : ` ${Number(ageMs) / DAY}`}`).join(', '),
  );

test('values come with their age, stale beyond the maximum age of the feature, or else of the view, and unlike what never was or nobody is', async () => {
  await world.end();
  world = new FeatureStoreWorld();
  await world.start(
    DOCUMENT.replace(
      'spend_90d: { sum: total, of: Order Completed, window: 90d }',
      'spend_90d: { sum: total, of: Order Completed, window: 90d, max_age: 3d }',
    ).replace(
      'clicks: [promotion_clicks_90d, lost_to_cancel]',
      'clicks: { features: [spend_90d, orders, lost_to_cancel], purpose: personalise, max_age: 10d }',
    ),
  );
  await world.happens('ann', order(10));
  await folded(1);
  const asked = {
    subjects: [subject, { userId: 'eve' }, { profileId: 'p_eve' }],
    features: ['spend_90d', 'orders', 'usual_gap_days', 'lost_to_cancel', 'traits.email'],
  };
  const told = async () => statusesOf((await features(asked))['rows']);
  const nobody = Array(5).fill('NOT_FOUND').join(', ');
  expect(await told()).toEqual(['PRESENT 0, PRESENT 0, MISSING 0, PRESENT, WITHHELD', nobody, nobody]);
  world.pass(3 * DAY);
  expect((await told())[0]).toMatch(/^PRESENT 3, PRESENT 3/);
  world.pass(1);
  expect((await told())[0]).toMatch(/^STALE 3\.\d+, PRESENT 3/);
  const viewed = async () => statusesOf(((await features({ views: ['clicks'] }))['rows'] as { views: object[] }[])[0]?.views);
  expect((await viewed())[0]).toMatch(/^PRESENT 3\S+, PRESENT 3\S+, PRESENT$/);
  world.pass(7 * DAY);
  expect((await viewed())[0]).toMatch(/^STALE 10\S+, STALE 10\S+, PRESENT$/);
  const stale = (await features({ features: ['spend_90d'] }))['rows'] as { values: object[] }[];
  expect(stale[0]?.values[0]).toMatchObject({ value: { number: 10 } });
  expect(named((await profile())['features'], 'spend_90d')).toMatchObject({ status: 'VALUE_STATUS_PRESENT' });
});

test('an answer that must know a position waits for it, and says what to do where it does not come', async () => {
  const offset = await world.happens('ann', order(10));
  const accepted = (given: number | bigint, more: object = {}) => ({ topic: 'attune.accepted.v1', partition: 0, offset: String(given), ...more });
  const orders = async (atLeast: object, more: object = {}) => {
    const { rows, ...rest } = (await features({ features: ['orders'], atLeast, ...more })) as {
      rows?: { values: { value: object }[]; position: { offset: string } }[];
    };
    return { ...rest, value: rows?.[0]?.values[0]?.value, position: rows?.[0]?.position };
  };
  const first = await orders(accepted(offset));
  expect(first).toMatchObject({ value: { number: 1 } });
  const next = world.happens('ann', order(20), offset + 1);
  expect(await orders(accepted(offset + 1))).toMatchObject({ value: { number: 2 } });
  await next;
  const { position } = await orders(accepted(offset + 1));
  expect(await orders(position ?? {}, { subjects: [subject, { userId: 'eve' }] })).toMatchObject({ value: { number: 2 } });
  const before = world.manyResolved;
  const waiting = orders(accepted(99));
  await until(() => world.manyResolved > before + 5);
  world.pass(3_000);
  expect(await waiting).toMatchObject({ reason: 'DEADLINE_EXCEEDED', message: expect.stringContaining('without it') });
  expect(await orders(accepted(1), { subjects: [subject, subject] })).toMatchObject({
    reason: 'REQUEST_INVALID',
    message: expect.stringContaining('one subject'),
  });
  expect(await orders(accepted(1, { topic: 'attune.profiles.v1' }))).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('at_least') });
  expect(await orders(accepted(-1))).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('who waits for a position is woken by what is folded and by no time that passes, be it features, a profile, a word on consent or a customer who was not known', async () => {
  await world.happens('ann', order(10));
  await folded(1);
  const at = (offset: number) => ({ atLeast: { topic: 'attune.accepted.v1', partition: 0, offset: String(offset) } });
  const profileAt = (userId: string, offset: number) =>
    world.call('features.v1.FeatureStoreService/GetProfile', { subject: { userId }, purpose: 'personalise', ...at(offset) });
  const before = world.manyResolved;
  world.timeStands = true;
  const [row, whole] = [features({ features: ['orders'], ...at(1) }), profileAt('ann', 1)];
  await until(() => world.manyResolved > before);
  await world.happens('ann', order(20));
  expect(await row).toMatchObject({ rows: [{ values: [{ value: { number: 2 } }] }] });
  expect(await whole).toMatchObject({ events: '2' });
  const said = { subject, purposes: { marketing: true } };
  expect(await world.call('privacy.v1.PrivacyService/RecordConsent', said)).toMatchObject({ position: { offset: '2' } });
  world.timeStands = false;
  const looks = world.looks;
  const stranger = profileAt('bob', 3);
  await until(() => world.looks > looks);
  await world.happens('bob', order(5));
  expect(await stranger).toMatchObject({ profileId: 'p_bob', events: '1' });
  expect(await profileAt('eve', -1)).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('at_least') });
  const late = profileAt('ann', 99);
  const looked = world.looks;
  await until(() => world.looks > looked + 3);
  world.pass(3_000);
  expect(await late).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
});

test('whatever the number of views and subjects, each partition is read once and all subjects are resolved at once', async () => {
  for (const user of ['ann', 'bob', 'cy', 'dee']) await world.happens(user, order(10));
  await folded(1);
  await features({});
  const readsOf = async (subjects: readonly object[], views: readonly string[]): Promise<number> => {
    const read = vi.spyOn(world.store, 'read');
    const before = world.manyResolved;
    await features({ subjects, views, features: ['orders'] });
    expect(world.manyResolved - before).toBe(1);
    const reads = read.mock.calls.filter(([, keys]) => keys.some((key) => key.includes(':profile:'))).length;
    read.mockRestore();
    return reads;
  };
  const many = ['ann', 'bob', 'cy', 'dee', ...Array.from({ length: 90 }, (_, i) => `nobody-${i}`)].map((userId) => ({ userId }));
  expect(await readsOf([subject], ['buying_habit'])).toBe(1);
  expect(await readsOf(Array(20).fill(subject), ['buying_habit', 'clicks', 'buying_habit'])).toBe(1);
  expect(await readsOf(many, ['buying_habit', 'clicks'])).toBeLessThanOrEqual(4);
});
