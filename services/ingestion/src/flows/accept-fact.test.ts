import { Activity } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, ACTIVITY } from '../container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

const EMAIL = 'ada.lovelace@example.com';
const activities = async () => (await recordsOf(world, ACTIVITY)).map(({ value }) => Activity.decode(value));
const untilActivities = (count: number) => until(async () => (await activities()).length >= count);

test('a fact of Attune itself reaches the profile of its leaf through the door, once a name, declared or not; what the door refuses is refused', async () => {
  await world.ingestion.publish('default', [{ body: { type: 'track', userId: EMAIL, event: 'Order Completed', properties: { order_id: 'o1', total: 12.5 } } }]);
  await untilActivities(1);
  const leaf = (await recordsOf(world, ACCEPTED))[0]?.key ?? '';
  const fact = {
    name: 'Inbox Message Opened',
    messageId: 'm_1/opened',
    atMs: BigInt(world.nowMs),
    properties: { promotion_id: 'd_1' },
    causes: ['d_1'],
    hops: 0,
  };
  await world.ingestion.acceptFact('default', { leaf, fact });
  await world.ingestion.acceptFact('default', { leaf, fact });
  await untilActivities(3);
  const [order, told, repeat] = await activities();
  expect(told).toMatchObject({
    profileId: order?.profileId,
    leaf,
    record: { $case: 'event', value: { name: fact.name, source: 'attune', hops: 1, causes: ['d_1'] } },
  });
  const event = told?.record?.$case === 'event' ? told.record.value : undefined;
  const plain = event?.sealed && world.ring.open(event.sealed, { tenant: 'default', subject: order?.profileId ?? '', id: fact.messageId });
  expect(JSON.parse(Buffer.from(plain ?? []).toString())).toEqual({ fields: { promotion_id: 'd_1' } });
  expect(repeat?.record).toBeUndefined();
  for (const wrong of [
    { leaf: EMAIL, fact },
    { leaf, fact: { ...fact, name: '' } },
    { leaf, fact: { ...fact, messageId: '\n' } },
  ])
    await expect(world.ingestion.acceptFact('default', wrong)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a word on consent and what the customer did by saying it are one append, under one identifier; what the door refuses of the deed leaves the word alone', async () => {
  await world.ingestion.publish('default', [{ body: { type: 'track', userId: EMAIL, event: 'Order Completed', properties: { order_id: 'o1', total: 12.5 } } }]);
  await untilActivities(1);
  const leaf = (await recordsOf(world, ACCEPTED))[0]?.key ?? '';
  const fact = { name: 'Unsubscribed', messageId: 'm_1/unsubscribed', atMs: BigInt(world.nowMs), properties: {}, causes: [], hops: 0 };
  const appends: number[] = [];
  const append = world.log.append.bind(world.log);
  world.log.append = (tenant, topic, records) => {
    appends.push(records.length);
    return append(tenant, topic, records);
  };
  const said = { leaf, purposes: { marketing: false } };
  await world.ingestion.acceptConsent('default', { ...said, messageId: 'c1', fact });
  await world.ingestion.acceptConsent('default', { ...said, messageId: 'c2', fact: { ...fact, name: '' } });
  expect(appends.slice(0, 1)).toEqual([2]);
  await untilActivities(4);
  const [, word, told, alone] = await activities();
  expect([word?.record?.$case, told?.record?.$case, alone?.record?.$case]).toEqual(['consent', 'event', 'consent']);
  expect(told).toMatchObject({ leaf, profileId: word?.profileId, record: { value: { name: 'Unsubscribed', source: 'attune', hops: 1 } } });
});

test('a fact told for a profile reaches it under a device that is another customer’s since, sealed under its key', async () => {
  const track = (who: object, order_id: string) => ({
    body: { type: 'track', ...who, event: 'Order Completed', properties: { order_id, total: 1, products: [] } },
  });
  await world.ingestion.publish('default', [track({ anonymousId: 'tablet' }, 'o1')]);
  await untilActivities(1);
  const leaf = (await recordsOf(world, ACCEPTED))[0]?.key ?? '';
  await world.ingestion.publish('default', [track({ userId: EMAIL, anonymousId: 'tablet' }, 'o2')]);
  await until(async () => (await activities()).some(({ record }) => record?.$case === 'movedAway'));
  const ada = (await activities()).find(({ record }) => record?.$case === 'event' && record.value.openJson.includes('o2'))?.profileId ?? '';
  const fact = { name: 'Email Delivered', messageId: 'm_1/delivered', atMs: BigInt(world.nowMs), properties: { promotion_id: 'd_1' }, causes: [], hops: 1 };
  const told = async (messageId: string) =>
    (await activities()).filter(({ record }) => record?.$case === 'event' && record.value.messageId === messageId).map(({ profileId }) => profileId);
  await world.ingestion.acceptFact('default', { leaf, profileId: ada, fact });
  await until(async () => (await told('m_1/delivered')).length === 1);
  await world.ingestion.publish('default', [track({ userId: 'eve@example.com', anonymousId: 'tablet' }, 'o3')]);
  const owner = async () => (await world.ingestion.resolve('default', { id: { $case: 'anonymousId', value: 'tablet' } })).profileId;
  await until(async () => (await owner()) !== ada);
  const later = { ...fact, messageId: 'm_2/delivered' };
  await world.ingestion.acceptFact('default', { leaf, profileId: ada, fact: later });
  await until(async () => (await told('m_2/delivered')).length === 1);
  expect([await told('m_1/delivered'), await told('m_2/delivered')]).toEqual([[ada], [ada]]);
  const [activity] = (await activities()).filter(({ record }) => record?.$case === 'event' && record.value.messageId === later.messageId);
  const sealed = activity?.record?.$case === 'event' ? activity.record.value.sealed : undefined;
  await world.ring.load('default', [subjectKey(ada)]);
  const plain = sealed && world.ring.open(sealed, { tenant: 'default', subject: ada, id: later.messageId });
  expect(JSON.parse(Buffer.from(plain ?? []).toString())).toEqual({ fields: { promotion_id: 'd_1' } });
});
