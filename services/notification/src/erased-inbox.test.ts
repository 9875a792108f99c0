import { ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { subjectKey } from '@attune/sealing/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

const IN_INBOX = { channels: ['inbox'] };
const noted = async (delivery: string): Promise<void> => {
  await until(async () => (await world.deliveries()).includes(delivery));
  await until(() => world.idle());
};
const call = (method: string, body: object) => world.call<{ readonly reason?: string; readonly token: string }>(`NotificationService/${method}`, body);
const tokenOf = async (profileId: string): Promise<string> => (await call('OpenInbox', { subject: { profileId } })).token;

test('what was written to somebody who was erased cannot be read any more', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await noted('d1 SENT');
  const token = await tokenOf('ada');
  await world.keys.destroy('default', [subjectKey('ada')]);
  await world.service?.stop(1_000);
  await world.start();
  expect((await call('ListInbox', { token })).reason).toBe('ERASED');
});

test('an erased customer’s inbox is closed while the key is still held, and is gone once the ledger hears of it', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada', IN_INBOX));
  await noted('d1 SENT');
  const token = await tokenOf('ada');
  world.erased.add('ada');
  for (const [method, body] of [
    ['ListInbox', {}],
    ['MarkRead', { ids: ['m'] }],
    ['NoteClick', { id: 'm' }],
  ] as const)
    expect((await call(method, { token, ...body })).reason).toBe('ERASED');
  await world.change({ profileId: 'ada', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED });
  await until(() => world.idle());
  world.erased.clear();
  expect((await call('ListInbox', { token })).reason).toBe('ERASED');
  await world.decide(world.decision('d2', 'ada', IN_INBOX));
  await until(() => world.idle());
  expect((await world.deliveries()).filter((it) => it.startsWith('d2'))).toEqual([]);
});
