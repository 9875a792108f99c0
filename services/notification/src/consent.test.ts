import { DeliveryState } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { systemStopwatch } from '@attune/runtime/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

const _SENT = DeliveryState.DELIVERY_STATE_SENT;
let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

const noted = (...deliveries: readonly string[]): Promise<void> =>
  until(async () => JSON.stringify((await world.deliveries()).toSorted()) === JSON.stringify(deliveries.toSorted()) && (await world.idle()));
const _settled = async (): Promise<void> => {
  await until(() => world.idle());
  await until(() => world.idle());
};

/** A customer whose consent is asked for anew each time that the profile is read. */
function customerWho(profileId: string, consentAt: (read: number) => Readonly<Record<string, boolean>>): void {
  world.customer(profileId);
  const { traits } = world.customers.get(profileId) ?? { traits: {} };
  let reads = 0;
  world.customers.set(profileId, {
    traits,
    get consent() {
      return consentAt(reads++);
    },
  });
}

test('consent that is taken back while a promotion is rendered and claimed still stops it, and the message of service leaves', async () => {
  customerWho('ada', (read) => ({ service: true, marketing: read === 0 }));
  const apology = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, expiresAtMs: 0n };
  await world.decide(world.decision('d1', 'ada'), world.decision('d2', 'ada', apology));
  await noted('d1 INTENT', 'd1 DROPPED NO_CONSENT', 'd2 INTENT', 'd2 SENT');
  expect((await world.mails()).map(({ decisionId }) => decisionId)).toEqual(['d2']);
});

test('consent that is taken back while a promotion waits for the morning stops it', async () => {
  world.customer('budi', { time_zone: 'Asia/Jakarta' });
  world.moveTo('2026-06-01T15:00:00Z');
  await world.decide(world.decision('d1', 'budi'));
  await noted('d1 HELD QUIET_HOURS');
  world.customer('budi', { time_zone: 'Asia/Jakarta' }, { service: true, marketing: false });
  world.moveTo('2026-06-02T01:00:00Z');
  await noted('d1 HELD QUIET_HOURS', 'd1 DROPPED NO_CONSENT');
  expect(await world.results()).toMatchObject([{ held: 0n, sent: 0n, notSent: { NO_CONSENT: 1n } }]);
});

test('a claim whose profile could not be read again before its use is used by the next try', async () => {
  customerWho('ada', (read) => {
    if (read === 1) throw new AttuneError('STORE_UNAVAILABLE');
    return { service: true, marketing: true };
  });
  await world.decide(world.decision('d1', 'ada'));
  await noted('d1 INTENT', 'd1 INTENT', 'd1 SENT');
  expect(await world.mails()).toHaveLength(1);
});

test('consent is looked at once the claim is in the log, and once more where the claim is judged so late that the answer may be old', async () => {
  const told: string[] = [];
  let passedMs = 0;
  await world.service?.stop(1_000);
  world.stopwatch = { ...systemStopwatch, elapsedMs: () => passedMs };
  await world.start();
  const append = world.log.append.bind(world.log);
  world.log.append = async (tenant, topic, records) => {
    const positions = await append(tenant, topic, records);
    if (records.some(({ headers }) => headers?.['type'] === 'attune.log.v1.Delivery')) told.push('noted');
    return positions;
  };
  customerWho('ada', (read) => {
    told.push(`read ${read}`);
    if (read === 1) passedMs += 21;
    return { service: true, marketing: read < 2 };
  });
  await world.decide(world.decision('d1', 'ada'));
  await noted('d1 INTENT', 'd1 DROPPED NO_CONSENT');
  expect(told).toEqual(['read 0', 'noted', 'read 1', 'read 2', 'noted']);
});
