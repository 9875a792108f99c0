import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Decision, Delivery, DeliveryState, ProfileChange } from '@attune/contracts/messages/log/v1/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE } from './read-configuration.ts';
import { FaultyMachine } from './thread-faults.fixture.ts';
import { FaultyMailServer } from './thread-mails.fixture.ts';

const SEEDS = Number(process.env['ATTUNE_TEST_SEEDS'] ?? 20);
const AT_ONCE = 10;
const CUSTOMERS = 6;
const ACTIONS = 30;
const EVENING_MS = Date.UTC(2026, 5, 3, 19, 30);
const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];

let shop = '';
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-'));
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  shop = join(folder, 'attune.yaml');
  const document = readFileSync(shop, 'utf8')
    .replace('  Promotion Clicked:', '  Email Delivered: {}\n  Promotion Clicked:')
    .replace('\nfeatures:', '\nfeatures:\n  mails: { count: Email Delivered, purposes: [personalise] }\n  #');
  writeFileSync(shop, document);
});
afterAll(() => rmSync(dirname(shop), { recursive: true, force: true }));

interface Doing {
  readonly url: string;
  /** Whose it is. */
  readonly of?: string;
  readonly body: {
    readonly messageId: string;
    readonly userId?: string;
    readonly anonymousId?: string;
    readonly event?: string;
    readonly properties?: object;
    readonly traits?: object;
    readonly subject?: { readonly userId?: string; readonly anonymousId?: string };
    readonly purposes?: { readonly marketing: boolean };
  };
}

/** The same until it is taken, as a client with message ids does, over restarts too. */
async function persist(machine: FaultyMachine, { url, body }: Doing): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const payload = JSON.stringify(body);
    const answer = await machine.attune.app.inject({ method: 'POST', url, payload, headers: { authorization: `Basic ${btoa('demo:')}` } });
    if (answer.statusCode === 200) return;
    if (answer.statusCode < 500) throw new Error(answer.body);
    if (tries === 3) await restart(machine);
  }
  throw new Error('never taken');
}

async function call<T>({ attune }: FaultyMachine, url: string, body: object): Promise<T> {
  const answer = await attune.app.inject({ method: 'POST', url, payload: JSON.stringify(body), headers: { authorization: `Basic ${btoa('demo:')}` } });
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body}`);
  return answer.json();
}

async function restart(machine: FaultyMachine): Promise<void> {
  await machine.stop(machine.random() < 0.7);
  await machine.start();
}

function doing(machine: FaultyMachine, n: number): Doing {
  const userId = `user-${Math.floor(machine.random() * CUSTOMERS)}`;
  const messageId = `m-${n}`;
  const anonymousId = `device of ${userId}`;
  // What is done on the device, before the customer is known there, and after, is the customer's in the end.
  const shown = machine.random();
  const who = shown < 0.3 ? { anonymousId } : shown < 0.4 ? { userId, anonymousId } : { userId };
  const track = (event: string, properties: object): Doing => ({ url: '/v1/track', body: { messageId, ...who, event, properties }, of: userId });
  const at = machine.random();
  if (at < 0.5) return track('Order Completed', { order_id: messageId, total: 24.5, products: [] });
  if (at < 0.65) return track('Order Cancelled', { order_id: messageId, total: 60 });
  if (at < 0.7) return track('Support Case Opened', { topic: 'late' });
  if (at < 0.8) return track('Promotion Clicked', { promotion_id: 'd_1' });
  const body = { subject: { userId }, purposes: { marketing: at < 0.95 }, messageId };
  return { url: '/attune.privacy.v1.PrivacyService/RecordConsent', body, of: userId };
}

/** What everything must come to, by customer: accepted orders, and the last answered word on marketing. */
interface Answered {
  readonly orders: ReadonlyMap<string, number>;
  readonly marketing: ReadonlyMap<string, boolean>;
}

async function live(machine: FaultyMachine): Promise<Answered> {
  const orders = new Map<string, number>();
  const marketing = new Map<string, boolean>();
  await machine.start();
  for (let i = 0; i < CUSTOMERS; i++) {
    const userId = `user-${i}`;
    const traits = { email: `${userId}@example.com`, name: 'Ann', language: 'en', time_zone: 'Europe/London' };
    await persist(machine, { url: '/v1/identify', body: { messageId: `i-${i}`, userId, traits } });
    const consent = { subject: { userId }, purposes: { marketing: true }, messageId: `c-${i}` };
    await persist(machine, { url: '/attune.privacy.v1.PrivacyService/RecordConsent', body: consent });
    const subject = { anonymousId: `device of ${userId}` };
    await persist(machine, { url: '/attune.privacy.v1.PrivacyService/RecordConsent', body: { ...consent, subject, messageId: `d-${i}` } });
  }
  for (let n = 0; n < ACTIONS; n++) {
    const next = doing(machine, n);
    await persist(machine, next);
    if (machine.random() < 0.1) await persist(machine, next);
    if (machine.random() < 0.08) await restart(machine);
    machine.nowMs += Math.floor(machine.random() * 8 * MINUTE_MS);
    const { of: customer = '' } = next;
    const { event, purposes } = next.body;
    if (purposes) marketing.set(customer, purposes.marketing);
    if (event === 'Order Completed') orders.set(customer, (orders.get(customer) ?? 0) + 1);
  }
  for (let i = 0; i < CUSTOMERS; i++)
    await persist(machine, { url: '/v1/identify', body: { messageId: `k-${i}`, userId: `user-${i}`, anonymousId: `device of user-${i}`, traits: {} } });
  for (const days of [0.5, 1, 14, 15]) {
    machine.nowMs += days * DAY_MS;
    await machine.attune.pipeline.settle({ elapsedMs: () => 0, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }).catch(() => undefined);
    if (machine.random() < 0.5) await restart(machine);
  }
  await machine.settle();
  return { orders, marketing };
}

interface Row {
  readonly topic: string;
  readonly id: string;
  readonly value: Uint8Array;
  readonly type: string;
  readonly key: string;
  readonly offset: number;
  /** Of a decision: partition/offset of the change that it was made after. */
  readonly after: string;
}

function recordsOf({ folder }: FaultyMachine): readonly Row[] {
  const file = new DatabaseSync(join(folder, 'log.sqlite'));
  const rows = file.prepare('SELECT topic, offset, key, value, headers FROM records JOIN streams ON streams.id = stream ORDER BY stream, offset').all();
  file.close();
  return rows.map(({ topic, offset, key, value, headers }) => {
    const { id = '', type = '', after = '' } = JSON.parse(String(headers)) as Record<string, string>;
    return { topic: String(topic), id, type, value: value as Uint8Array, key: String(key), offset: Number(offset), after };
  });
}

/** Records by their id, each with all the bodies that it came with. */
function bodiesOf(rows: readonly Row[], topic: string): ReadonlyMap<string, readonly Uint8Array[]> {
  const own = rows.filter((row) => row.topic === topic && row.id !== '');
  return new Map([...Map.groupBy(own, ({ id }) => id)].map(([id, same]) => [id, same.map(({ value }) => value)]));
}

/** No promotion passed a complaint that was folded before it was decided. */
function verifyOrder(rows: readonly Row[], decisions: readonly Decision[]): void {
  const complaints = rows.filter(
    ({ topic, type, value }) =>
      topic === 'attune.profiles.v1' && type === 'attune.log.v1.ProfileChange' && ProfileChange.decode(value).event === 'Support Case Opened',
  );
  const heard = rows.filter(({ topic }) => topic === 'attune.deliveries.v1').map(({ id }) => id);
  for (const { id, profileId, promotional } of decisions) {
    const decided = rows.find((row) => row.topic === 'attune.decisions.v1' && row.id === id);
    const [, offset = ''] = decided?.after.split('/') ?? [];
    expect(offset, id).not.toBe('');
    const copied = heard.indexOf(id);
    if (!promotional || copied === -1) continue;
    const before = complaints.filter((complaint) => complaint.key === profileId && complaint.offset <= Number(offset));
    for (const complaint of before) expect(heard.indexOf(complaint.id), `${complaint.id} before ${id}`).toBeLessThan(copied);
    for (const complaint of before) expect(heard).toContain(complaint.id);
  }
}

/** What was delivered is counted in the profile, once each: of a visitor who became known, in the customer's. Answers how much that was. */
async function verifyDelivered(machine: FaultyMachine, rows: readonly Row[]): Promise<number> {
  const sent = new Map<string, string>();
  for (const { type, value } of rows) {
    if (type !== 'attune.log.v1.Delivery') continue;
    const { id, profileId, state, channel } = Delivery.decode(value);
    if (state === DeliveryState.DELIVERY_STATE_SENT && channel === 'email') sent.set(id, profileId);
  }
  const counted = new Map<string, number>();
  const expected = new Map<string, number>();
  for (const profileId of sent.values()) {
    const { rows: told } = await call<{ rows: { profileId: string; values: { value?: { number: number } }[] }[] }>(
      machine,
      '/attune.features.v1.FeatureStoreService/GetFeatures',
      { subjects: [{ profileId }], features: ['mails'], purpose: 'personalise' },
    );
    const [row] = told;
    counted.set(row?.profileId ?? '', row?.values[0]?.value?.number ?? 0);
    expected.set(row?.profileId ?? '', (expected.get(row?.profileId ?? '') ?? 0) + 1);
  }
  expect(counted).toEqual(expected);
  return sent.size;
}

interface Results {
  readonly campaigns?: readonly ({ readonly campaign: string; readonly notSent?: Record<string, string> } & Record<string, string>)[];
}

const count = (value: string | undefined): number => Number(value ?? 0);

async function verify(machine: FaultyMachine, mails: readonly string[], { orders, marketing }: Answered): Promise<number> {
  for (const [userId, expected] of orders) {
    const { rows } = await call<{ rows: { values: { value: { number: number } }[] }[] }>(machine, '/attune.features.v1.FeatureStoreService/GetFeatures', {
      subjects: [{ userId }],
      features: ['orders'],
      purpose: 'personalise',
    });
    expect(rows[0]?.values[0]?.value.number, userId).toBe(expected);
  }
  for (const [userId, said] of marketing) {
    const { purposes } = await call<{ purposes: { marketing?: boolean } }>(machine, '/attune.privacy.v1.PrivacyService/GetConsent', { subject: { userId } });
    expect([userId, purposes.marketing === true]).toEqual([userId, said]);
  }
  const rows = recordsOf(machine);
  expect(rows.filter(({ type }) => type === 'attune.log.v1.RejectedEvent')).toEqual([]);
  for (const topic of ['attune.activity.v1', 'attune.profiles.v1', 'attune.decisions.v1'])
    for (const [id, bodies] of bodiesOf(rows, topic)) expect(new Set(bodies.map((body) => Buffer.from(body).toString('hex'))).size, id).toBe(1);
  const decisions = [...bodiesOf(rows, 'attune.decisions.v1').values()].flatMap(([first]) => (first ? [Decision.decode(first)] : []));
  expect(new Set(decisions.map(({ campaign, cause }) => `${campaign} ${cause}`)).size).toBe(decisions.length);
  for (const { id: decisionId } of decisions) {
    const told = await call<{ identical?: boolean }>(machine, '/attune.scoring.v1.ScoringService/ExplainDecision', { decisionId });
    expect(told.identical, decisionId).toBe(true);
  }
  verifyOrder(rows, decisions);
  const delivered = await verifyDelivered(machine, rows);
  await verifyCounts(machine, decisions);
  verifyMails(mails, rows, decisions);
  return delivered;
}

async function verifyCounts(machine: FaultyMachine, decisions: readonly Decision[]): Promise<void> {
  const { campaigns = [] } = await call<Results>(machine, '/attune.scoring.v1.ScoringService/GetCampaignResults', {});
  const sent = await call<Results>(machine, '/attune.notification.v1.NotificationService/GetDeliveryResults', {});
  for (const { campaign, ...told } of campaigns) {
    const own = decisions.filter((decision) => decision.campaign === campaign);
    const withOutcome = (outcome: number): number => own.filter((decision) => decision.outcome === outcome).length;
    const [entered, offered, nothing, heldOut, messaged, noConsent] = [
      told['entered'],
      told['offered'],
      told['nothing'],
      told['heldOut'],
      told['messaged'],
      told['noConsent'],
    ].map(count);
    expect([entered, offered, nothing, heldOut, messaged, noConsent], campaign).toEqual([own.length, ...[1, 2, 3, 4, 5].map(withOutcome)]);
    if (campaign === 'welcome_back') expect(count(told['treatedSettled'])).toBe(own.length - withOutcome(3) - withOutcome(5));
    const delivered = sent.campaigns?.find((one) => one.campaign === campaign);
    const notSent = Object.values(delivered?.notSent ?? {}).reduce((sum, one) => sum + count(one), 0);
    const all = count(delivered?.['sent']) + count(delivered?.['held']) + count(delivered?.['unknown']) + notSent;
    expect([all, count(delivered?.['held'])], campaign).toEqual([own.filter(({ message }) => message !== '').length, 0]);
  }
}

function verifyMails(mails: readonly string[], rows: readonly Row[], decisions: readonly Decision[]): void {
  const deliveries = rows.filter(({ type }) => type === 'attune.log.v1.Delivery').map(({ value }) => Delivery.decode(value));
  const promotional = new Set(decisions.filter((decision) => decision.promotional).map(({ id }) => id));
  for (const { id, decisionId, state } of deliveries) {
    const times = mails.filter((mail) => mail.startsWith(`<${id}@`)).length;
    if (promotional.has(decisionId)) expect(times, id).toBeLessThanOrEqual(1);
    if (state === DeliveryState.DELIVERY_STATE_SENT) expect(times, id).toBeGreaterThanOrEqual(1);
  }
}

async function whole(seed: string): Promise<number> {
  const server = await FaultyMailServer.listening(seed);
  const machine = new FaultyMachine({ seed, shop, smtpUrl: server.url, startMs: EVENING_MS });
  try {
    const delivered = await verify(machine, server.mails, await live(machine));
    await machine.stop(false);
    const before = machine.states();
    machine.loseStore();
    await machine.start(false);
    await machine.settle();
    await machine.stop(false);
    expect([...machine.states()].toSorted()).toEqual([...before].toSorted());
    return delivered;
  } catch (fault) {
    throw new Error(`seed ${seed}: ${JSON.stringify(machine.suffered)}`, { cause: fault });
  } finally {
    await machine.remove();
    server.close();
  }
}

test('every event counts once, every decision is taken once and every promotion leaves at most once, whatever is lost, refused or taken back', {
  timeout: 300_000,
}, async () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => `${process.env['ATTUNE_TEST_SEED'] ?? 'thread'}-${i}`);
  let delivered = 0;
  for (let i = 0; i < seeds.length; i += AT_ONCE) for (const count of await Promise.all(seeds.slice(i, i + AT_ONCE).map(whole))) delivered += count;
  expect(delivered).toBeGreaterThan(0);
});
