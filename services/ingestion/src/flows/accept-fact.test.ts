import { Activity } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
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
  const fact = { name: 'Inbox Message Opened', messageId: 'm_1/opened', atMs: BigInt(world.nowMs), properties: { promotion_id: 'd_1' }, causes: ['d_1'] };
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
