import { AcceptedEvent, Activity, RejectedEvent, type Sealed } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, ACTIVITY, REJECTED } from './container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from './ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const EMAIL = 'ada.lovelace@example.com';
const anOrder = (more: object = {}): object => ({
  userId: EMAIL,
  event: 'Order Completed',
  properties: { order_id: 'o1', total: 12.5, note: `for ${EMAIL}`, [EMAIL]: true },
  ...more,
});
const publish = (...bodies: object[]) =>
  world.ingestion.publish(
    'default',
    bodies.map((body) => ({ body: { type: 'track', ...body } })),
  );
const activities = async () => (await recordsOf(world, ACTIVITY)).map(({ key, value }) => ({ key, ...Activity.decode(value) }));
const accepted = async () => (await recordsOf(world, ACCEPTED)).map(({ key, value }) => ({ key, ...AcceptedEvent.decode(value) }));
const untilActivities = (count: number) => until(async () => (await activities()).length >= count);
const opened = (sealed: Sealed | undefined, subject: string, id: string): unknown =>
  sealed && JSON.parse(Buffer.from(world.ring.open(sealed, { tenant: 'default', subject, id })).toString());

const resolved = async ($case: 'userId' | 'anonymousId', value: string): Promise<string> =>
  (await world.ingestion.resolve('default', { id: { $case, value } })).profileId;
const rejections = async () => (await recordsOf(world, REJECTED)).map(({ value }) => RejectedEvent.decode(value));

test('an event that names a visitor and a customer gives the visitor’s later events to the customer, under the customer’s key', async () => {
  const visit = (messageId: string, more: object = {}): object => ({ ...anOrder({ messageId, ...more }), userId: undefined, anonymousId: 'v-1' });
  await publish(visit('m1'));
  await untilActivities(1);
  const visitor = await resolved('anonymousId', 'v-1');
  const visitorLeaf = (await activities())[0]?.leaf;
  await publish({ type: 'identify', userId: 'ada', anonymousId: 'v-1', traits: {}, messageId: 'm2' });
  await untilActivities(3);
  const ada = await resolved('userId', 'ada');
  expect(visitor).not.toBe(ada);
  expect(await resolved('anonymousId', 'v-1')).toBe(ada);
  const [, away] = (await recordsOf(world, ACTIVITY)).filter(({ key }) => key === visitor);
  expect(away?.headers).toMatchObject({ 'moved-to': ada });
  const told = Activity.decode(away?.value ?? new Uint8Array());
  expect(told).toMatchObject({ leaf: visitorLeaf, record: { $case: 'movedAway', value: { toProfileId: ada, receivedAtMs: BigInt(world.nowMs) } } });
  await publish(visit('m3'), visit('m1'));
  await untilActivities(5);
  const [late, repeat] = (await activities()).filter(({ leaf, profileId }) => profileId === ada && leaf === visitorLeaf).slice(-2);
  expect(late?.record?.$case === 'event' && opened(late.record.value.sealed, ada, 'm3')).toMatchObject({ identifier: 'v-1' });
  expect(repeat?.record).toBeUndefined();
  expect(await rejections()).toEqual([]);
});

test('an alias call gives the visitor that it names to the customer, and one that was never seen is the customer from its first event on', async () => {
  await publish({ type: 'alias', userId: 'ada', previousId: 'v-2', messageId: 'm1' });
  await untilActivities(2);
  const ada = await resolved('userId', 'ada');
  expect(await resolved('anonymousId', 'v-2')).toBe(ada);
  expect((await activities()).every(({ profileId }) => profileId === ada)).toBe(true);
});

test('a device of two customers is the one’s whose events named it last, and each keeps what came before', async () => {
  const at = (userId: string, messageId: string): object => anOrder({ userId, anonymousId: 'tablet', messageId });
  const visit = (messageId: string): object => ({ type: 'page', anonymousId: 'tablet', messageId });
  await publish(visit('m0'), at('ada', 'm1'));
  await untilActivities(3);
  await publish(visit('m2'), at('bea', 'm3'));
  await untilActivities(7);
  await publish(visit('m4'), at('ada', 'm5'));
  await untilActivities(11);
  await publish(visit('m6'));
  await untilActivities(12);
  const [ada, bea] = [await resolved('userId', 'ada'), await resolved('userId', 'bea')];
  const visits = (await activities()).flatMap(({ key, record }) =>
    record?.$case === 'event' && record.value.name === '' ? [[record.value.messageId, key]] : [],
  );
  expect(Object.fromEntries(visits.slice(1))).toEqual({ m2: ada, m4: bea, m6: ada });
  expect(await rejections()).toEqual([]);
});

const authorization = `Basic ${Buffer.from('demo:').toString('base64')}`;
const identityCall = async (method: string, body: object) =>
  (await world.app.inject({ method: 'POST', url: `/attune.identity.v1.IdentityService/${method}`, payload: body, headers: { authorization } })).json();

test('a device of five customers is quarantined: listed by its hash, joined with nobody, and with the next one once it is allowed', async () => {
  const at = (userId: string): object => anOrder({ userId, anonymousId: 'till' });
  const ownerOf = ($case: 'userId' | 'anonymousId', value: string) => resolved($case, value).catch(() => $case);
  const untilOwned = (userId: string) => until(async () => (await ownerOf('anonymousId', 'till')) === (await ownerOf('userId', userId)));
  for (const userId of ['a', 'b', 'c', 'd']) {
    await publish(at(userId));
    await untilOwned(userId);
  }
  expect(await identityCall('ListQuarantined', {})).toEqual({});
  await publish(at('e'));
  await until(async () => (await rejections()).length === 1);
  expect((await rejections()).map(({ code, field }) => ({ code, field }))).toEqual([{ code: 'IDENTIFIER_SHARED', field: 'anonymousId' }]);
  const { quarantined } = await identityCall('ListQuarantined', {});
  const history = await identityCall('History', { subject: { anonymousId: 'till' } });
  expect(quarantined).toEqual([{ leaf: history.leaf, sinceMs: String(world.nowMs), reason: 'QUARANTINE_REASON_CUSTOMERS' }]);
  expect(JSON.stringify([quarantined, history])).not.toContain('till');
  expect(history).toMatchObject({ state: 'IDENTIFIER_STATE_QUARANTINED', profileId: await resolved('anonymousId', 'till') });
  const kinds = history.changes.map(({ kind }: { readonly kind: string }) => kind.replace('IDENTIFIER_CHANGE_KIND_', ''));
  expect(kinds).toEqual(['OPENED', 'HANDED_ON', 'HANDED_ON', 'HANDED_ON', 'QUARANTINED']);

  const owners = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((userId) => resolved('userId', userId)));
  expect(owners).not.toContain(await resolved('anonymousId', 'till'));
  await identityCall('AllowIdentifier', { leaf: history.leaf });
  await until(async () => Object.keys(await identityCall('ListQuarantined', {})).length === 0);
  await publish(at('f'));
  await untilOwned('f');
  expect(await identityCall('AllowIdentifier', { subject: { profileId: 'p_x' } })).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('a customer of too many devices within a day is quarantined, and the history tells the record that each joined by', async () => {
  await publish(...Array.from({ length: 34 }, (_, i) => anOrder({ userId: 'bot', anonymousId: `v-${i}` })));
  await until(async () => (await activities()).length === 34 + 32);
  const { quarantined } = await identityCall('ListQuarantined', { page_size: 1 });
  const history = await identityCall('History', { subject: { userId: 'bot' } });
  expect(quarantined).toMatchObject([{ leaf: history.leaf, reason: 'QUARANTINE_REASON_DEVICES' }]);
  expect(history.joined).toHaveLength(32);
  const device = await identityCall('History', { leaf: history.joined[7].leaf });
  const [partition, offset] = device.changes[0].record.split('/');
  const source = (await recordsOf(world, ACCEPTED)).find((one) => one.partition === Number(partition) && one.offset === Number(offset));
  expect(source?.key).toBe(history.leaf);
  expect(AcceptedEvent.decode(source?.value ?? new Uint8Array()).alsoKnownBy).toEqual([device.leaf]);
});

test('a customer takes back consent for a device that is another’s by now, and only for this customer', async () => {
  await publish({ type: 'page', anonymousId: 'tablet', messageId: 'm0' });
  await untilActivities(1);
  await publish(anOrder({ userId: 'ada', anonymousId: 'tablet', messageId: 'm1' }));
  await untilActivities(3);
  await publish(anOrder({ userId: 'bea', anonymousId: 'tablet', messageId: 'm2' }));
  await untilActivities(6);
  const [ada, bea] = [await resolved('userId', 'ada'), await resolved('anonymousId', 'tablet')];
  const leaf = (await activities()).find(({ record }) => record?.$case === 'movedAway')?.leaf ?? '';
  const said = { leaf, purposes: { marketing: false } };
  await world.ingestion.acceptConsent('default', { ...said, profileId: ada, messageId: 'c1' });
  await world.ingestion.acceptConsent('default', { ...said, messageId: 'c2' });
  await untilActivities(8);
  const words = (await activities()).filter(({ record }) => record?.$case === 'consent').map(({ key, leaf: of }) => [key, of]);
  expect(words.toSorted()).toEqual(
    [
      [ada, leaf],
      [bea, leaf],
    ].toSorted(),
  );
});

test('a placeholder beside a customer joins nobody, and the event counts', async () => {
  await publish(anOrder({ userId: 'ada', anonymousId: 'undefined' }), anOrder({ userId: 'bea', anonymousId: '' }));
  await untilActivities(2);
  expect((await accepted()).map(({ alsoKnownBy }) => alsoKnownBy)).toEqual([[], []]);
});
