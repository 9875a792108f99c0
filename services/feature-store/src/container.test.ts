import { ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { DAY, DOCUMENT, HOUR } from './gift-barn.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

const subject = { userId: 'ann' };
const order = (total: number) => ({ name: 'Order Completed', fields: { total, order_id: 'o' } });
const profile = (purpose = 'personalise') => world.call('features.v1.FeatureStoreService/GetProfile', { subject, purpose });
const features = (request: object) => world.call('features.v1.FeatureStoreService/GetFeatures', { subjects: [subject], purpose: 'personalise', ...request });
const folded = (events: number) => until(async () => (await profile())['events'] === String(events));
const announced = async () =>
  (await world.changes('ann')).map(({ change: { kind, segment, event } }) =>
    `${kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT ? event : kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED ? 'in' : 'out'} ${segment}`.trim(),
  );
const named = (values: unknown, wanted: string) => (values as { name: string }[]).find(({ name }) => name === wanted);

test('a first order is announced with the customer as the decision may know him', async () => {
  await world.happens('ann', { fields: { email: 'ann@example.com', country: 'GB', gender: 'f' } });
  await world.happens('ann', order(20.5));
  await until(async () => (await announced()).length === 2);
  const [event, entered] = await world.changes('ann');
  expect(event?.change).toMatchObject({ event: 'Order Completed', role: 'purchase', segment: '', inputs: undefined, eventTimeMs: BigInt(world.clock.nowMs()) });
  const { partition = 0, offset = 0n } = entered?.change.position ?? {};
  expect(entered?.change).toMatchObject({
    id: `p_ann/${partition}/${offset}/1-entered-first_timer`,
    profileId: 'p_ann',
    entered: true,
    causes: ['m1'],
    atMs: BigInt(world.clock.nowMs()),
  });
  expect(entered?.change.reasons.map(({ name, value }) => [name, value?.kind])).toEqual([['orders', { $case: 'number', value: 1 }]]);
  expect(entered?.headers).toMatchObject({ type: 'attune.log.v1.ProfileChange', id: entered?.change.id });
  expect(entered?.inputs).toMatchObject({ segments: ['first_timer'], consent: { service: true, personalise: true, marketing: false } });
  const names = entered?.inputs?.values.map(({ name }) => name) ?? [];
  expect(names).toEqual(names.toSorted());
  expect(names).toEqual(expect.arrayContaining(['orders', 'usual_gap_days', 'traits.country', 'traits.email']));
  expect(names).not.toContain('traits.gender');
  expect(named(entered?.inputs?.values, 'spend_90d')).toMatchObject({ status: 1, value: { kind: { $case: 'number', value: 20.5 } } });
  expect(named(entered?.inputs?.values, 'traits.name')).toMatchObject({ status: 2, value: undefined });
});

test('what a decision may read is sealed where a campaign starts, and nowhere else; what the rule read is told of each change', async () => {
  for (const total of [20, 30]) await world.happens('ann', order(total));
  await until(async () => (await announced()).includes('out first_timer'));
  const changes = (await world.changes('ann')).filter(({ change }) => change.segment === 'first_timer');
  expect(changes.map(({ change, inputs }) => [change.entered, inputs?.segments])).toEqual([
    [true, ['first_timer']],
    [false, undefined],
  ]);
  expect(changes.map(({ change }) => change.reasons.map(({ name, value }) => [name, value?.kind]))).toEqual(
    [1, 2].map((value) => [['orders', { $case: 'number', value }]]),
  );
});

test('who lapses by time alone is found exactly at the day, from a due record', async () => {
  for (let day = 0; day < 3; day++) {
    await world.happens('ann', order(10));
    if (day < 2) world.pass(10 * DAY);
  }
  const last = world.clock.nowMs();
  await folded(3);
  world.pass(31 * DAY - HOUR);
  await world.happens('ann', { name: 'Product Viewed' });
  await folded(4);
  expect((await announced()).filter((word) => word.endsWith('lapsing'))).toEqual([]);
  world.pass(5 * HOUR);
  await until(async () => (await announced()).includes('in lapsing'));
  const { change } = (await world.changes('ann')).at(-1) ?? {};
  expect(change).toMatchObject({ segment: 'lapsing', atMs: BigInt(last + 31 * DAY), causes: [`due/p_ann/${last + 31 * DAY}`] });
});

test('a cancellation that costs enough lets a customer down, and repeated activities announce nothing', async () => {
  const offset = await world.happens('ann', { name: 'Order Cancelled', fields: { total: 100, order_id: 'o' } });
  await world.happens('ann', { name: 'Order Cancelled', fields: { total: 100, order_id: 'o' } }, offset);
  const opened = await world.happens('ann', { name: 'Support Case Opened', fields: { topic: 'late' } });
  await world.happens('ann', { name: 'Support Case Opened', fields: { topic: 'late' } }, opened);
  await world.happens('ann', { name: 'Promotion Clicked', fields: { promotion_id: 'd_1' } });
  await until(async () => (await announced()).includes('Promotion Clicked'));
  expect(await announced()).toEqual(['in let_down', 'Support Case Opened', 'Promotion Clicked']);
  expect((await world.changes('ann')).at(-1)?.change).toMatchObject({ decisionId: 'd_1', role: 'click' });
});

test('consent that was denied withholds values and segments as soon as its answer is there, and granting gives them back', async () => {
  await world.happens('ann', order(10));
  await folded(1);
  expect(named((await profile())['features'], 'orders')).toMatchObject({ status: 'VALUE_STATUS_PRESENT', value: { number: 1 } });
  const said = (purposes: object) => world.call('privacy.v1.PrivacyService/RecordConsent', { subject, purposes });
  expect(await said({ personalise: false, marketing: true })).toMatchObject({ position: { topic: 'attune.accepted.v1', offset: '1' } });
  const withheld = await profile();
  expect(named(withheld['features'], 'orders')).toEqual({ name: 'orders', status: 'VALUE_STATUS_WITHHELD' });
  expect(withheld['segments'] ?? []).toEqual([]);
  expect((await profile('marketing'))['segments']).toEqual(['first_timer']);
  expect((await world.call('privacy.v1.PrivacyService/GetConsent', { subject }))['purposes']).toEqual({ service: true, personalise: false, marketing: true });
  await said({ personalise: true });
  expect((await profile())['segments']).toEqual(['first_timer']);
  expect(await said({ nonsense: true })).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('service, personalise, marketing') });
});

test('consent of a profile id is said for the identifiers of the profile, and one that nothing is known of is refused', async () => {
  await world.happens('ada', { name: 'Order Completed', fields: { total: 1 } });
  const said = (profileId: string, marketing: boolean) =>
    world.call('privacy.v1.PrivacyService/RecordConsent', { subject: { profile_id: profileId }, purposes: { marketing } });
  for (const marketing of [true, false]) {
    expect(await said('p_ada', marketing)).toHaveProperty('position');
    expect((await world.call('privacy.v1.PrivacyService/GetConsent', { subject: { profile_id: 'p_ada' } }))['purposes']).toMatchObject({ marketing });
  }
  expect(await said('p_nobody', false)).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
});

test('consent is answered only once it is folded, and not for ever waited for', async () => {
  await world.happens('ann', order(10));
  await folded(1);
  world.resolverStands = true;
  const answer = world.call('privacy.v1.PrivacyService/RecordConsent', { subject, purposes: { marketing: true } });
  let answered = false;
  void answer.then(() => {
    answered = true;
  });
  await until(() => world.looks > 5);
  expect(answered).toBe(false);
  world.pass(3_000);
  expect(await answer).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
});

test('values come in the order asked for, and a stranger has none', async () => {
  await world.happens('ann', { fields: { country: 'GB', email: 'ann@example.com' } });
  await world.happens('ann', order(10));
  await folded(2);
  const asked = { subjects: [{ userId: 'eve' }, subject, { profileId: 'p_ann' }], features: ['traits.country', 'orders', 'traits.email'] };
  const rows = (await features(asked))['rows'] as { profileId?: string; values: { status: string }[] }[];
  expect(rows.map(({ values }) => values.map(({ status }) => status.replace('VALUE_STATUS_', '')).join(' '))).toEqual([
    'NOT_FOUND NOT_FOUND NOT_FOUND',
    'PRESENT PRESENT WITHHELD',
    'PRESENT PRESENT WITHHELD',
  ]);
  expect(await features({ features: ['orderz'] })).toMatchObject({ reason: 'REQUEST_INVALID' });
  expect(await features({ subjects: Array(101).fill(subject) })).toMatchObject({ reason: 'REQUEST_INVALID' });
  expect(await features({ purpose: 'profit' })).toMatchObject({ reason: 'REQUEST_INVALID' });
  expect(await world.call('features.v1.FeatureStoreService/GetProfile', { subject: { userId: 'eve' }, purpose: 'service' })).toMatchObject({
    reason: 'SUBJECT_UNKNOWN',
  });
});

test('a profile is read under the configuration that its partition folded last', async () => {
  await world.happens('ann', order(10));
  await folded(1);
  const told = async () => named((await profile())['features'], 'promotion_clicks_90d');
  expect(await told()).toMatchObject({ status: 'VALUE_STATUS_PRESENT' });
  await world.activate(
    'next',
    DOCUMENT.replace('{ count: Promotion Clicked, window: 90d }', '{ count: Promotion Clicked, window: 90d, purposes: [marketing] }'),
  );
  await until(async () => JSON.stringify(await told()).includes('WITHHELD'));
});

test('what was bought is told by item, the newest first, to those whose purpose may know it, and travels with no decision', async () => {
  const bought = (...ids: string[]) => ({ name: 'Order Completed', fields: { total: 1, order_id: 'o', products: ids.map((id) => ({ product_id: id })) } });
  await world.happens('ann', bought('tea', 'cup'));
  world.pass(DAY);
  await world.happens('ann', bought('tea'));
  await folded(2);
  const [yesterday, today] = [world.clock.nowMs() - DAY, world.clock.nowMs()].map(String);
  const asked = async (purpose: string) => ((await features({ features: ['bought'], purpose }))['rows'] as { values: object[] }[])[0]?.values[0];
  expect(await asked('personalise')).toMatchObject({
    status: 'VALUE_STATUS_PRESENT',
    value: {
      items: {
        items: [
          { id: 'tea', atMs: [today, yesterday] },
          { id: 'cup', atMs: [yesterday] },
        ],
      },
    },
  });
  expect(await asked('service')).toMatchObject({ status: 'VALUE_STATUS_WITHHELD' });
  await until(async () => (await announced()).length > 0);
  const inputs = (await world.changes('ann')).flatMap(({ inputs: read }) => read?.values ?? []);
  expect(inputs.length).toBeGreaterThan(0);
  expect(inputs.map(({ name }) => name)).not.toContain('bought');
});

test('once the key is destroyed personal values are erased and the others stand', async () => {
  await world.happens('ann', { fields: { country: 'GB', email: 'ann@example.com' } });
  await folded(1);
  await world.keys.destroy('default', [subjectKey('p_ann')]);
  world.pass(61_000); // keys are held for a minute
  const { traits } = await profile('service');
  expect(named(traits, 'email')).toEqual({ name: 'email', status: 'VALUE_STATUS_ERASED' });
  expect(named(traits, 'country')).toMatchObject({ status: 'VALUE_STATUS_PRESENT', value: { text: 'GB' } });
});

test('a read that may know nothing personal does without the key', async () => {
  await world.happens('ann', { fields: { country: 'GB', email: 'ann@example.com' } });
  await world.happens('ann', order(10));
  await folded(2);
  vi.spyOn(world.keys, 'find').mockRejectedValue(new AttuneError('KEY_UNAVAILABLE'));
  world.pass(61_000); // keys are held for a minute
  const rows = (await features({ features: ['orders', 'traits.email'] }))['rows'] as { values: { status: string }[] }[];
  expect(rows[0]?.values.map(({ status }) => status)).toEqual(['VALUE_STATUS_PRESENT', 'VALUE_STATUS_WITHHELD']);
  expect(await profile('service')).toMatchObject({ reason: 'KEY_UNAVAILABLE' });
});

test('many profiles are read in one call of the store for each partition', async () => {
  await world.happens('ann', order(10));
  await folded(1);
  const ids = Array.from({ length: 40 }, (_, i) => `p_${i}`);
  await features({ subjects: [{ profileId: 'p_ann' }] });
  const read = vi.spyOn(world.store, 'read');
  const { rows } = await features({ subjects: [...ids, 'p_ann', 'p_ann'].map((profileId) => ({ profileId })), features: ['orders'] });
  expect(read.mock.calls.filter(([, keys]) => keys.some((key) => key.includes(':profile:p_')))).toHaveLength(4);
  const told = (rows as { profileId: string; values: { status: string }[] }[]).map(({ profileId, values }) => `${profileId} ${values[0]?.status}`);
  expect(told).toEqual([...ids.map((id) => `${id} VALUE_STATUS_NOT_FOUND`), ...Array(2).fill('p_ann VALUE_STATUS_PRESENT')]);
});

test('a fact goes to the door under one and the same identifier of the profile; nobody is told of somebody unknown', async () => {
  await world.happens('ann', order(20));
  await folded(1);
  const record = (profileId: string) =>
    world.call('features.v1.FeatureStoreService/RecordFact', { profileId, fact: { name: 'Unsubscribed', messageId: 'm/unsubscribed' } });
  expect(await record('p_ann')).toMatchObject({ position: { topic: 'attune.accepted.v1' } });
  await record('p_ann');
  expect(new Set(world.facts).size).toBe(1);
  expect(world.facts[0]).toMatch(/^\S+ Unsubscribed m\/unsubscribed$/);
  expect(await record('p_nobody')).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  // Whoever names an identifier gets it: the profile may have another first one by then.
  const { leaf } = await world.call('features.v1.FeatureStoreService/GetProfile', { subject: { profileId: 'p_ann' }, purpose: 'service' });
  expect(world.facts[0]).toMatch(new RegExp(`^${String(leaf)} `));
  await world.call('features.v1.FeatureStoreService/RecordFact', { profileId: 'p_ann', leaf: 'another', fact: { name: 'Unsubscribed', messageId: 'm/u' } });
  expect(world.facts.at(-1)).toBe('another Unsubscribed m/u');
});
