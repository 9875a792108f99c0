import { Delivery, DeliveryState, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { GetMailResponse } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import { until } from '@attune/processor/processor-world';
import { systemStopwatch } from '@attune/runtime/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

const SENT = DeliveryState.DELIVERY_STATE_SENT;
let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

const noted = (...deliveries: readonly string[]): Promise<void> =>
  until(async () => JSON.stringify((await world.deliveries()).toSorted()) === JSON.stringify(deliveries.toSorted()) && (await world.idle()));
const settled = async (): Promise<void> => {
  await until(() => world.idle());
  await until(() => world.idle());
};

test('a decision becomes a mail in the outbox, in the language of the customer', async () => {
  world.customer('siti', { name: 'Siti <b>', language: 'id' });
  await world.decide(world.decision('d1', 'siti'));
  await noted('d1 INTENT', 'd1 SENT');
  const [mail] = await world.mails();
  expect(mail).toMatchObject({
    to: 'siti@example.com',
    subject: 'Terima kasih atas pesanan pertama Anda',
    language: 'id',
    decisionId: 'd1',
    campaign: 'welcome_back',
  });
  const { html, text, source } = await world.call<GetMailResponse>('OutboxService/GetMail', { id: mail?.id });
  expect(html).toContain('Halo Siti &lt;b&gt;,');
  expect(text).toContain('Halo Siti <b>,');
  expect(source).toMatch(/^Message-ID: <m_[\w-]{22}@example\.com>\r$/im);
  expect(await world.call('NotificationService/GetDeliveryResults')).toEqual({ campaigns: [{ campaign: 'welcome_back', sent: '1' }] });
});

test('the same decision sends once, whether it comes twice at once or again later', async () => {
  world.customer('ada');
  const decision = world.decision('d1', 'ada');
  await world.decide(decision, decision);
  await noted('d1 INTENT', 'd1 SENT');
  await world.foreign(decision, DeliveryState.DELIVERY_STATE_INTENT, 'late');
  await settled();
  expect(await world.mails()).toHaveLength(1);
  expect(await world.results()).toMatchObject([{ sent: 1n }]);
});

test('a promotion at night is held and leaves at eight in the morning of the customer', async () => {
  world.customer('budi', { time_zone: 'Asia/Jakarta' });
  world.moveTo('2026-06-01T15:00:00Z');
  await world.decide(world.decision('d1', 'budi'));
  await noted('d1 HELD QUIET_HOURS');
  expect(await world.results()).toMatchObject([{ held: 1n, sent: 0n }]);
  world.moveTo('2026-06-02T00:59:59Z');
  await settled();
  expect(await world.mails()).toEqual([]);
  world.moveTo('2026-06-02T01:00:00Z');
  await noted('d1 HELD QUIET_HOURS', 'd1 INTENT', 'd1 SENT');
  expect(await world.results()).toMatchObject([{ held: 0n, sent: 1n }]);
});

test('what a visitor got counts for the customer who the visitor became, and so does what the visitor gets after', async () => {
  world.customer('visitor');
  world.customer('ada');
  await world.decide(world.decision('d1', 'visitor'));
  await noted('d1 INTENT', 'd1 SENT');
  const merged = { profileId: 'visitor', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: 'ada', id: 'merged' };
  await world.change(merged);
  await world.change(merged);
  await settled();
  await world.decide(world.decision('d2', 'ada'));
  await noted('d1 INTENT', 'd1 SENT', 'd2 DROPPED CAPPED');
  world.moveTo('2026-06-03T12:00:00Z');
  await world.decide(world.decision('d3', 'visitor'));
  await until(async () => (await world.deliveries()).includes('d3 SENT'));
  await settled();
  await world.decide(world.decision('d4', 'ada'));
  await until(async () => (await world.deliveries()).includes('d4 DROPPED CAPPED'));
  await settled();
  expect(await world.results()).toMatchObject([{ sent: 2n, notSent: { CAPPED: 2n } }]);
});

test('a promotion that was decided after a visitor became known waits until it is known what the visitor got', async () => {
  world.customer('visitor');
  world.customer('ada');
  await world.decide(world.decision('d1', 'visitor'));
  await noted('d1 INTENT', 'd1 SENT');
  world.joins('visitor', 'ada');
  await world.decide(
    world.decision('d2', 'ada'),
    world.decision('d3', 'ada', { promotional: false, campaign: 'apology', message: 'apology', purpose: 'service' }),
  );
  await until(async () => (await world.deliveries()).includes('d3 SENT'));
  await until(async () => (await world.deliveries()).includes('d2 HELD MERGING'));
  await world.change({ profileId: 'visitor', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: 'ada', id: 'merged' });
  await settled();
  world.moveTo('2026-06-01T12:00:01Z');
  await until(async () => (await world.deliveries()).includes('d2 DROPPED CAPPED'));
});

test('a promotion does not wait for ever for a visitor of whom nothing is told', async () => {
  world.customer('ada');
  world.joins('visitor', 'ada');
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => (await world.deliveries()).includes('d1 HELD MERGING'));
  await settled();
  world.moveTo('2026-06-01T12:01:00Z');
  await until(async () => (await world.deliveries()).includes('d1 SENT'));
});

test('a visitor of whom nothing was sent keeps no promotion of the customer waiting', async () => {
  world.customer('ada');
  await world.change({ profileId: 'visitor', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: 'ada', id: 'merged' });
  await settled();
  world.joins('visitor', 'ada');
  await world.decide(world.decision('d1', 'ada'));
  await noted('d1 INTENT', 'd1 SENT');
});

test('promotions that rest after a visitor’s complaint rest for the customer who the visitor became', async () => {
  world.customer('ada');
  await world.change({
    profileId: 'visitor',
    kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT,
    event: 'Support Case Opened',
    atMs: BigInt(Date.parse('2026-06-01T12:00:00Z')),
  });
  await world.change({ profileId: 'visitor', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, mergedInto: 'ada' });
  await settled();
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => (await world.deliveries()).some((delivery) => delivery.startsWith('d1 ')));
  expect(await world.deliveries()).toEqual(['d1 DROPPED PAUSED']);
});

test('a second promotion on one day is dropped, also where both are decided at once', async () => {
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'), world.decision('d2', 'ada'));
  await until(async () => (await world.deliveries()).includes('d2 DROPPED CAPPED'));
  await settled();
  expect(await world.mails()).toHaveLength(1);
  expect(await world.results()).toMatchObject([{ sent: 1n, notSent: { CAPPED: 1n } }]);
  world.moveTo('2026-06-02T12:00:00Z');
  await world.decide(world.decision('d3', 'ada'));
  await until(async () => (await world.deliveries()).includes('d3 SENT'));
});

test('who was let down gets the apology and no promotion until the case is closed', async () => {
  world.customer('ada');
  const { PROFILE_CHANGE_KIND_ENTERED: ENTERED, PROFILE_CHANGE_KIND_EVENT: EVENT } = ProfileChangeKind;
  const atMs = BigInt(world.clock.nowMs());
  await world.change({ id: 'c0', profileId: 'ada', kind: ENTERED, segment: 'vip', atMs });
  await world.change({ id: 'c1', profileId: 'ada', kind: ENTERED, segment: 'let_down', atMs });
  await settled();
  const apology = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, expiresAtMs: 0n };
  await world.decide(world.decision('d1', 'ada'), world.decision('d2', 'ada', apology));
  await noted('d1 DROPPED PAUSED', 'd2 INTENT', 'd2 SENT');
  await world.change({ id: 'c2', profileId: 'ada', kind: EVENT, event: 'Support Case Closed', atMs });
  await settled();
  await world.decide(world.decision('d3', 'ada'));
  await until(async () => (await world.deliveries()).includes('d3 SENT'));
  await settled();
  expect(await world.results()).toMatchObject([
    { campaign: 'apology', sent: 1n },
    { campaign: 'welcome_back', sent: 1n, notSent: { PAUSED: 1n } },
  ]);
});

test('without consent nothing leaves, and a decision without a message is not even copied', async () => {
  world.customer('ada', {}, { service: true, marketing: false });
  await world.decide(world.decision('d0', 'ada', { message: '' }), world.decision('d1', 'ada'), world.decision('d2', 'nobody'));
  await noted('d1 DROPPED NO_CONSENT', 'd2 DROPPED NO_CONSENT');
  expect(await world.mails()).toEqual([]);
});

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

test('what came of a send is noted once the log is back, and nothing is sent again meanwhile', async () => {
  world.customer('ada');
  const append = world.log.append.bind(world.log);
  let away = 4;
  world.log.append = async (tenant, topic, records) => {
    const outcome = records.some(({ headers, value }) => headers?.['type'] === 'attune.log.v1.Delivery' && Delivery.decode(value).state === SENT);
    if (outcome && away-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
    return append(tenant, topic, records);
  };
  const apology = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, expiresAtMs: 0n };
  await world.decide(world.decision('d1', 'ada'), world.decision('d2', 'ada', apology));
  await noted('d1 INTENT', 'd1 SENT', 'd2 INTENT', 'd2 SENT');
  expect(await world.results()).toMatchObject([{ sent: 1n }, { sent: 1n, unknown: 0n }]);
});

test('a promotion whose claim has no outcome is unknown and never sent again; a message of service is', async () => {
  world.customer('ada');
  await world.service?.stop(1_000);
  const apology = { campaign: 'apology', message: 'apology', offer: '', purpose: 'service', promotional: false, expiresAtMs: 0n };
  await world.foreign(world.decision('d1', 'ada'), DeliveryState.DELIVERY_STATE_INTENT, 'died');
  await world.foreign(world.decision('d2', 'ada', apology), DeliveryState.DELIVERY_STATE_INTENT, 'died');
  await world.start();
  await noted('d1 INTENT', 'd1 UNKNOWN CLAIM_WITHOUT_OUTCOME', 'd2 INTENT', 'd2 SENT');
  expect((await world.mails()).map(({ decisionId }) => decisionId)).toEqual(['d2']);
  await world.decide(world.decision('d1', 'ada'));
  await settled();
  expect(await world.results()).toMatchObject([
    { campaign: 'apology', sent: 1n },
    { campaign: 'welcome_back', unknown: 1n, sent: 0n },
  ]);
});

test('of two owners at once only the one whose claim is first in the log sends', async () => {
  world.customer('ada');
  const decision = world.decision('d1', 'ada');
  world.onceRead = () => world.foreign(decision, DeliveryState.DELIVERY_STATE_INTENT, 'the other');
  await world.decide(decision);
  await noted('d1 INTENT', 'd1 INTENT', 'd1 UNKNOWN CLAIM_WITHOUT_OUTCOME');
  expect(await world.mails()).toEqual([]);
  await world.foreign(decision, DeliveryState.DELIVERY_STATE_SENT, 'the other');
  await settled();
  expect(await world.results()).toMatchObject([{ sent: 1n, unknown: 0n }]);
});

test('two claims that reach the log together do not both pass a cap', async () => {
  world.customer('ada');
  world.onceRead = () => world.foreign(world.decision('d0', 'ada'), DeliveryState.DELIVERY_STATE_INTENT, 'the other');
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => (await world.deliveries()).includes('d1 DROPPED CAPPED'));
  await settled();
  expect(await world.mails()).toEqual([]);
});

test('a mail server that is away holds the message and is tried again until the promotion expires', async () => {
  world.customer('ada');
  await world.service?.stop(1_000);
  await world.start('smtp://127.0.0.1:1');
  await world.decide(world.decision('d1', 'ada', { expiresAtMs: BigInt(world.clock.nowMs() + 60_000) }));
  await until(async () => (await world.deliveries()).includes('d1 HELD PROVIDER_AWAY'));
  expect(await world.call('OutboxService/ListMails')).toMatchObject({ reason: 'METHOD_UNKNOWN' });
  world.clock.pass(61_000);
  await until(async () => (await world.deliveries()).includes('d1 DROPPED EXPIRED'));
  await settled();
  expect(await world.results()).toMatchObject([{ held: 0n, notSent: { EXPIRED: 1n } }]);
});
