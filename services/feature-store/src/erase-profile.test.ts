import { ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

const ann = { userId: 'ann' };
const order = { name: 'Order Completed', fields: { total: 10, order_id: 'o' } };
const privacy = (method: string, body: object) => world.call(`privacy.v1.PrivacyService/${method}`, body);
const features = (method: string, body: object) => world.call(`features.v1.FeatureStoreService/${method}`, body);
const profile = (subject: object = ann) => features('GetProfile', { subject, purpose: 'service' });
const kindOfKey = async (profileId: string) => (await world.keys.find('default', [subjectKey(profileId)])).get(subjectKey(profileId))?.kind;
const erasedChanges = async (user: string) =>
  (await world.changes(user)).filter(({ change }) => change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED).length;

async function known(): Promise<void> {
  await world.happens('ann', { fields: { email: 'ann@example.com' } });
  await world.happens('ann', order);
  await until(async () => (await profile())['events'] === '2');
}

test('once a customer is erased every read answers ERASED, the key is destroyed, and it is told once', async () => {
  await known();
  const answer = await privacy('EraseProfile', { subject: ann });
  expect(answer).toMatchObject({ profileId: 'p_ann', erasedAtMs: String(world.clock.nowMs()), position: { topic: 'attune.accepted.v1' } });
  expect(await kindOfKey('p_ann')).toBe('destroyed');
  for (const subject of [ann, { profileId: 'p_ann' }]) {
    expect(await profile(subject)).toMatchObject({ reason: 'ERASED' });
    expect(await privacy('GetConsent', { subject })).toMatchObject({ reason: 'ERASED' });
    expect(await features('ExplainSegment', { subject, segment: 'first_timer', purpose: 'service' })).toMatchObject({ reason: 'ERASED' });
  }
  expect(await privacy('RecordConsent', { subject: { profileId: 'p_ann' }, purposes: { marketing: true } })).toMatchObject({ reason: 'ERASED' });
  expect(await features('RecordFact', { profileId: 'p_ann', fact: { name: 'Email Delivered', messageId: 'f', atMs: '1' } })).toMatchObject({
    reason: 'ERASED',
  });
  const { rows } = await features('GetFeatures', { subjects: [ann, { userId: 'bea' }], features: ['orders', 'traits.email'], purpose: 'service' });
  const statuses = (rows as { values: { status: string }[] }[]).map(({ values }) => values.map(({ status }) => status));
  expect(statuses).toEqual([Array(2).fill('VALUE_STATUS_ERASED'), Array(2).fill('VALUE_STATUS_NOT_FOUND')]);
  expect(await erasedChanges('ann')).toBe(1);
  expect(await privacy('GetErasure', { subject: ann })).toMatchObject({ erased: true, erasedAtMs: answer['erasedAtMs'] });
});

test('erasing again answers the same and writes nothing; whoever is unknown or not named is refused', async () => {
  await known();
  expect(await privacy('GetErasure', { subject: ann })).toEqual({ profileId: 'p_ann' });
  const first = await privacy('EraseProfile', { subject: ann });
  world.pass(1_000);
  expect(await privacy('EraseProfile', { subject: ann })).toEqual({ profileId: 'p_ann', erasedAtMs: first['erasedAtMs'] });
  for (const method of ['EraseProfile', 'GetErasure']) {
    expect(await privacy(method, { subject: { userId: 'nobody' } })).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
    expect(await privacy(method, { subject: { profileId: 'p_nobody' } })).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
    expect(await privacy(method, {})).toMatchObject({ reason: 'REQUEST_INVALID' });
  }
});

test('the profiles that became part of a customer are erased with it, under their own ids too', async () => {
  await world.happens('visitor', { fields: { email: 'v@example.com' } });
  await world.happens('ann', order);
  await world.becomes('visitor', 'ann');
  await until(async () => ((await profile())['mergedProfileIds'] as readonly string[] | undefined)?.length === 1);
  await privacy('EraseProfile', { subject: { userId: 'visitor' } });
  for (const profileId of ['p_ann', 'p_visitor']) {
    expect(await kindOfKey(profileId)).toBe('destroyed');
    expect(await profile({ profileId })).toMatchObject({ reason: 'ERASED' });
  }
  await until(async () => (await erasedChanges('visitor')) === 1 && (await erasedChanges('ann')) === 1);
});

test('a visitor whose folds are on their way when the customer is erased is erased too', async () => {
  await world.happens('visitor', { fields: { email: 'v@example.com' } });
  await known();
  await privacy('EraseProfile', { subject: ann });
  await world.becomes('visitor', 'ann');
  await until(async () => (await erasedChanges('visitor')) === 1);
  expect(await kindOfKey('p_visitor')).toBe('destroyed');
  expect(await profile({ profileId: 'p_visitor' })).toMatchObject({ reason: 'ERASED' });
});

test('what still comes for an erased profile changes nothing', async () => {
  await known();
  await privacy('EraseProfile', { subject: ann });
  await until(async () => (await erasedChanges('ann')) === 1);
  const before = (await world.changes('ann')).length;
  await world.happens('ann', order);
  await world.happens('bea', order);
  await until(async () => (await profile({ userId: 'bea' }))['events'] === '1');
  expect(await profile()).toMatchObject({ reason: 'ERASED' });
  expect(await world.changes('ann')).toHaveLength(before);
});

test('whoever watches a profile hears that it was erased, and nothing after it', async () => {
  await known();
  const heard: unknown[] = [];
  const watching = (async () => {
    for await (const told of world.watch({ subject: ann, purpose: 'service' }, AbortSignal.timeout(20_000))) heard.push(told);
  })();
  await until(async () => heard.length === 1);
  await Promise.all([expect(watching).rejects.toMatchObject({ code: 'ERASED' }), privacy('EraseProfile', { subject: ann })]);
});
