import { Activity, DecisionInputs, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from '../feature-store-world.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

const GET_PROFILE = 'features.v1.FeatureStoreService/GetProfile';
const order = { name: 'Order Completed', fields: { total: 40 } };
const profileOf = (subject: object, purpose = 'personalise') => world.call(GET_PROFILE, { subject, purpose });
const untilCounted = (subject: object, events: number) => until(async () => (await profileOf(subject))['events'] === String(events));
const namedIn = (values: unknown, name: string): unknown =>
  (values as readonly { readonly name: string; readonly value?: object; readonly status: string }[]).find((value) => value.name === name);

test('the profile of a visitor who became known is the customer’s, under every name', async () => {
  await world.happens('visitor', order);
  await world.happens('visitor', { fields: { email: 'v@example.com', country: 'GB' } });
  await world.happens('ada', order);
  await untilCounted({ user_id: 'visitor' }, 2);
  await world.becomes('visitor', 'ada');
  await untilCounted({ user_id: 'ada' }, 3);
  const wanted = await profileOf({ user_id: 'ada' }, 'service');
  expect(wanted).toMatchObject({ profileId: 'p_ada', mergedProfileIds: ['p_visitor'] });
  expect(namedIn(wanted['traits'], 'email')).toMatchObject({ value: { text: 'v@example.com' } });
  for (const subject of [{ user_id: 'visitor' }, { profile_id: 'p_visitor' }, { profile_id: 'p_ada' }])
    expect(await profileOf(subject, 'service')).toEqual(wanted);
  const { features } = await profileOf({ profile_id: 'p_visitor' });
  expect(namedIn(features, 'orders')).toMatchObject({ value: { number: 2 } });
});

test('what the merge means is announced of the customer, and of the visitor only that there was one', async () => {
  await world.happens('visitor', order);
  await untilCounted({ user_id: 'visitor' }, 1);
  await world.becomes('visitor', 'ada');
  await untilCounted({ user_id: 'ada' }, 1);
  await until(async () => (await world.changes('ada')).length === 1);
  const [entered] = await world.changes('ada');
  expect(entered?.change).toMatchObject({ segment: 'first_timer', entered: true, causes: ['link/0/1'] });
  expect(DecisionInputs.toJSON(entered?.inputs ?? DecisionInputs.fromPartial({}))).toMatchObject({ segments: ['first_timer'] });
  const kinds = (await world.changes('visitor')).map(({ change: { kind, mergedInto } }) => ({ kind, mergedInto }));
  expect(kinds.at(-1)).toEqual({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: 'p_ada' });
  expect(kinds.map(({ kind }) => kind)).not.toContain(ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT);
});

test('a repeat that comes to the old profile changes nothing there nor in the new one, and no record is set aside', async () => {
  const place = await world.happens('visitor', order);
  await untilCounted({ user_id: 'visitor' }, 1);
  await world.becomes('visitor', 'ada');
  await world.happens('visitor', order, place);
  await world.happens('ada', order);
  await untilCounted({ user_id: 'ada' }, 2);
  expect((await profileOf({ profile_id: 'p_visitor' }))['events']).toBe('2');
  for (let partition = 0; partition < 4; partition++) expect(await world.log.read('attune.events.rejected.v1', partition, 0, 10)).toEqual([]);
});

test('once the customer’s key is destroyed, nothing that the visitor told can be read', async () => {
  await world.happens('visitor', { fields: { email: 'v@example.com' } });
  await untilCounted({ user_id: 'visitor' }, 1);
  await world.keys.destroy('default', [subjectKey('p_ada')]);
  await world.becomes('visitor', 'ada');
  await until(async () => (await profileOf({ profile_id: 'p_visitor' }, 'service'))['reason'] === 'ERASED');
  expect(await profileOf({ user_id: 'ada' }, 'service')).toMatchObject({ reason: 'ERASED' });
});

test('to erase a customer who was a visitor, the keys of all profiles that the answer names are destroyed, and nothing can be read', async () => {
  await world.happens('visitor', { fields: { email: 'v@example.com' } });
  await untilCounted({ user_id: 'visitor' }, 1);
  await world.becomes('visitor', 'ada');
  await untilCounted({ user_id: 'ada' }, 1);
  const known = await profileOf({ user_id: 'ada' }, 'service');
  expect(namedIn(known['traits'], 'email')).toHaveProperty('value');
  const all = [known['profileId'], ...(known['mergedProfileIds'] as readonly string[])].map((profileId) => subjectKey(String(profileId)));
  await world.keys.destroy('default', all);
  world.pass(60_000);
  for (const subject of [{ user_id: 'ada' }, { profile_id: 'p_visitor' }])
    expect(namedIn((await profileOf(subject, 'service'))['traits'], 'email')).toMatchObject({ status: 'VALUE_STATUS_ERASED' });
  await world.ring.load('default', all);
  for (let partition = 0; partition < 4; partition++)
    for (const { key, value } of await world.log.read('attune.activity.v1', partition, 0, 100)) {
      const { record } = Activity.decode(value);
      const sealed = record?.$case === 'event' ? record.value.sealed : record?.$case === 'foldMoved' ? record.value.personal : undefined;
      if (sealed) expect(() => world.ring.open(sealed, { tenant: 'default', subject: key, id: '' })).toThrow('erased');
    }
});

test('the log of the merge holds nothing personal in clear', async () => {
  await world.happens('visitor', { fields: { email: 'v@example.com' } });
  await untilCounted({ user_id: 'visitor' }, 1);
  await world.becomes('visitor', 'ada');
  await untilCounted({ user_id: 'ada' }, 1);
  for (let partition = 0; partition < 4; partition++)
    for (const { value, headers } of await world.log.read('attune.activity.v1', partition, 0, 100))
      expect(`${Buffer.from(value).toString('latin1')}${JSON.stringify(headers)}`).not.toContain('v@example.com');
});
