import { DeliveryState, ProfileFact } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(() => {
  world = new NotificationWorld();
});
afterEach(() => world.end());

const DECLARED = '  Email Delivered: {}\n  Inbox Message Delivered: {}\n';
/** The example shop, which declares what it wants to hear of. */
async function begin(declared: string = DECLARED): Promise<void> {
  world.document = world.document.replace('  Promotion Clicked:', `${declared}  Promotion Clicked:`);
  await world.begin('2026-06-01T12:00:00Z');
}
const settled = async (...deliveries: readonly string[]): Promise<void> => {
  await until(async () => {
    const noted = await world.deliveries();
    return deliveries.every((delivery) => noted.includes(delivery));
  });
  await until(() => world.idle());
};
/** Resolves once so many facts were told and nothing else is on its way. */
const told = async (count: number): Promise<readonly string[]> => {
  await until(async () => world.facts.length >= count && (await world.idle()));
  return world.facts;
};

test('a mail that was taken and a message that was put into the inbox are events of the profile, under ids of their own', async () => {
  await begin();
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', { hops: 2 }), world.decision('d2', 'ada', { channels: ['inbox'], promotional: false, purpose: 'service' }));
  await settled('d1 SENT', 'd2 SENT');
  expect(await told(2)).toEqual([
    expect.stringMatching(/^ada Email Delivered m_[\w-]{22}\/delivered$/),
    expect.stringMatching(/^ada Inbox Message Delivered m_[\w-]{22}\/delivered$/),
  ]);
  expect(world.told[0]).toMatchObject({
    leaf: 'leaf-of-ada',
    fact: { hops: 2, causes: ['d1'], properties: { promotion_id: 'd1', channel: 'email', campaign: 'welcome_back' } },
  });
});

test('what no configuration declares is told to nobody, and leaves no record', async () => {
  await begin('');
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  await settled('d1 SENT');
  expect(world.facts).toEqual([]);
  expect(await world.recordsOfType('ProfileFact')).toEqual([]);
});

test('nothing is told of what was dropped, failed or is unknown; an outcome that is noted twice is told once', async () => {
  await begin();
  world.customer('eve', {}, { service: true });
  await world.decide(world.decision('d1', 'eve'));
  const gone = world.decision('d2', 'bob', { channels: ['email'], promotional: true });
  await world.foreign(gone, DeliveryState.DELIVERY_STATE_INTENT, 'a');
  await world.foreign(gone, DeliveryState.DELIVERY_STATE_UNKNOWN, 'a');
  await settled('d1 DROPPED NO_CONSENT', 'd2 UNKNOWN');
  expect(world.facts).toEqual([]);
  await world.foreign(gone, DeliveryState.DELIVERY_STATE_SENT, 'a');
  await world.foreign(gone, DeliveryState.DELIVERY_STATE_SENT, 'a');
  expect(await told(1)).toEqual(['bob Email Delivered m/delivered']);
});

test('a delivery is told from the log until the door has it, also by the next process', async () => {
  await begin();
  world.customer('ada');
  world.factFault = new AttuneError('LOG_UNAVAILABLE');
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => (await world.recordsOfType('ProfileFact')).length === 1);
  const [record] = await world.recordsOfType('ProfileFact');
  expect(ProfileFact.decode(record?.value ?? new Uint8Array()).profileId).toBe('ada');
  await world.service?.stop(0);
  await world.app.close();
  world.factFault = undefined;
  await world.start();
  // Where the first process had published it and did not know so yet, the next publishes it again, under the same id.
  expect([...new Set(await told(1))]).toEqual([expect.stringMatching(/^ada Email Delivered /)]);
});
