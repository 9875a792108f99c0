import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Activity,
  Decision,
  DecisionOutcome,
  Delivery,
  DeliveryState,
  ProfileChange,
  ProfileChangeKind,
  RejectedEvent,
} from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { speakPlainly } from '@attune/grpc/http-errors';
import { newContainer, value } from '@attune/runtime/di';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { type FoundKey, type KeyId, subjectKey } from '@attune/sealing/port';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Console, consoleOn, EVENT_LOG, STOPWATCH } from './container.ts';
import { TOPICS } from './flows/follow-log.ts';

const TENANT = 'shop';
const facts = { clockMs: 1, lag: 3, pid: 4711, madeUp: ['email'], version: '0.1.0', shop: 'Gift Barn', currency: 'GBP' };

let app: FastifyInstance;
let log: SqliteEventLog;
let ring: KeyRing;
let page: Console;
let destroyed: Set<KeyId>;
/** What the key ring's stopwatch shows. */
let minutes: number;

beforeEach(async () => {
  app = fastify({ forceCloseConnections: true });
  speakPlainly(app);
  log = new SqliteEventLog({ path: ':memory:', clock: systemClock, stopwatch: systemStopwatch });
  await log.ensureTopics(TOPICS.map((topic) => ({ topic, partitions: 2 })));
  destroyed = new Set();
  minutes = 0;
  ring = new KeyRing(keys, { ...systemStopwatch, elapsedMs: () => minutes * 60_000 });
});
afterEach(async () => {
  await page.stop(1_000);
  await app.close();
  await log.close();
});

const keyOf = (id: KeyId): FoundKey => (destroyed.has(id) ? { kind: 'destroyed' } : { kind: 'key', bytes: new Uint8Array(32).fill(id.length) });
const all = async (_tenant: string, ids: readonly KeyId[]) => new Map(ids.map((id) => [id, keyOf(id)]));
const keys = { ensure: all, find: all, destroy: async () => {}, close: async () => {} };

async function start(): Promise<void> {
  const c = newContainer();
  value(c, EVENT_LOG, log);
  value(c, STOPWATCH, systemStopwatch);
  page = await consoleOn(app, c, { tenant: TENANT, ring, status: () => facts, assetsFolder: join(tmpdir(), 'attune-no-such-page') });
}

const append = (topic: string, type: string, bytes: Uint8Array, tenant = TENANT) =>
  log.append(tenant, topic, [{ key: 'p1', value: bytes, headers: { 'content-type': 'application/x-protobuf', type: `attune.log.v1.${type}` } }]);

async function order(id: string, { profileId = 'p1', identifier = '13085', tenant = TENANT } = {}): Promise<void> {
  await ring.ensure(tenant, [subjectKey(profileId)]);
  const sealed = destroyed.has(subjectKey(profileId))
    ? undefined
    : ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, Buffer.from(JSON.stringify({ identifier })));
  const event = { messageId: id, name: 'Order Completed', timestampMs: 86_400_000n, openJson: '{"total":5}', ...(sealed && { sealed }) };
  await append(
    'attune.activity.v1',
    'Activity',
    Activity.encode(Activity.fromPartial({ profileId, record: { $case: 'event', value: event } })).finish(),
    tenant,
  );
}

async function ask<T>(path: string): Promise<T> {
  return (await app.inject({ url: `/console/api${path}` })).json<T>();
}

interface Timeline {
  readonly customer: string;
  readonly events: number;
  readonly timeline: readonly { readonly kind: string; readonly customer: string }[];
}
const found = async (query: string) =>
  (await ask<{ customers: readonly { profileId: string }[] }>(`/customers?query=${query}`)).customers.map(({ profileId }) => profileId);
const timeline = async () => ((await ask<Partial<Timeline>>('/customers/p1')).timeline ?? []).map(({ kind }) => kind);

const LATER = 86_400_001n;

test('what lies in the five topics stands on one timeline, newest first, once each', async () => {
  await order('m1');
  await start();
  await expect.poll(timeline).toEqual(['event']);
  const entered = ProfileChange.fromPartial({ id: 'c1', profileId: 'p1', atMs: LATER, segment: 'vip', kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED });
  for (let i = 0; i < 2; i++) await append('attune.profiles.v1', 'ProfileChange', ProfileChange.encode(entered).finish());
  await expect.poll(timeline).toEqual(['entered', 'event']);
  const decision = Decision.encode(Decision.fromPartial({ id: 'd1', profileId: 'p1', nowMs: LATER, outcome: DecisionOutcome.DECISION_OUTCOME_OFFER })).finish();
  await append('attune.decisions.v1', 'Decision', decision);
  await append('attune.deliveries.v1', 'Decision', decision);
  await expect.poll(timeline).toEqual(['decided', 'entered', 'event']);
  await append(
    'attune.deliveries.v1',
    'Delivery',
    Delivery.encode(Delivery.fromPartial({ id: 'x', profileId: 'p1', atMs: LATER, state: DeliveryState.DELIVERY_STATE_SENT })).finish(),
  );
  await expect.poll(timeline).toEqual(['delivery', 'decided', 'entered', 'event']);
  expect(await ask<Timeline>('/customers/p1')).toMatchObject({ customer: '13085', events: 1 });
});

test('a customer is found by the identifier that lies sealed in the event', async () => {
  await order('m1');
  await order('m2', { profileId: 'p22', identifier: 'ada' });
  await start();
  await expect.poll(() => found('13')).toEqual(['p1']);
  expect(await found('AD')).toEqual(['p22']);
});

test('a customer whose key was destroyed before the start is not found', async () => {
  destroyed.add(subjectKey('p1'));
  await order('m1');
  await order('m2', { profileId: 'p22', identifier: 'ada' });
  await start();
  await expect.poll(() => found('ada')).toEqual(['p22']);
  expect(await found('')).toEqual(['p22']);
});

test('a customer who is erased later is forgotten', async () => {
  await order('m1');
  await start();
  await expect.poll(() => found('13085')).toEqual(['p1']);
  destroyed.add(subjectKey('p1'));
  minutes = 2;
  expect(await found('13085')).toEqual([]);
  expect((await app.inject({ url: '/console/api/customers/p1' })).statusCode).toBe(404);
});

test('records of other tenants and records that do not decode tell nothing', async () => {
  await order('m0', { tenant: 'other' });
  await append('attune.activity.v1', 'Activity', Uint8Array.of(255, 255, 255));
  await order('m1');
  await start();
  await expect.poll(timeline).toEqual(['event']);
});

test('rejected events are counted in the status, which tells the rest as the process says it', async () => {
  await start();
  await append('attune.events.rejected.v1', 'RejectedEvent', RejectedEvent.encode(RejectedEvent.fromPartial({ code: 'FIELD_MISSING' })).finish());
  await expect.poll(() => ask('/status')).toEqual({ ...facts, rejected: 1, eventsPerSecond: 0 });
});

test('nothing is committed, so that the next start reads from the first record again', async () => {
  await order('m1');
  await start();
  await expect.poll(timeline).toEqual(['event']);
  await page.stop(1_000);
  const again = fastify();
  const c = newContainer();
  value(c, EVENT_LOG, log);
  value(c, STOPWATCH, systemStopwatch);
  page = await consoleOn(again, c, { tenant: TENANT, ring, status: () => facts, assetsFolder: '' });
  await expect.poll(async () => (await again.inject({ url: '/console/api/customers?query=13085' })).json()).toMatchObject({ customers: [{ profileId: 'p1' }] });
  await again.close();
});

test('a profile that nobody knows is answered with a code', async () => {
  await start();
  const answer = await app.inject({ url: '/console/api/customers/nobody' });
  expect({ status: answer.statusCode, reason: answer.json<{ reason: string }>().reason }).toEqual({ status: 404, reason: 'SUBJECT_UNKNOWN' });
});

test('a page that is not built says what to run', async () => {
  await start();
  const answer = await app.inject({ url: '/' });
  expect(answer.statusCode).toBe(503);
  expect(answer.body).toContain('vite build -c services/console/vite.config.ts');
});

test('the stream begins with status and snapshot, then tells what is new, and ends with the console', async () => {
  await order('m1');
  await start();
  await expect.poll(timeline).toEqual(['event']);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const stream = (await fetch(`${url}/console/api/live`)).body?.pipeThrough(new TextDecoderStream()).getReader() ?? expect.unreachable();
  let told = '';
  const until = async (part: RegExp) => {
    while (!part.test(told)) told += (await stream.read()).value ?? expect.unreachable(`the stream ended before ${part}`);
  };
  await until(/event: snapshot\n.*"id":"event\/m1".*\n\n/);
  expect(told.indexOf('event: status')).toBe(0);
  await order('m2');
  await until(/event: delta\n.*"id":"event\/m2".*\n\n/);
  expect(/event: delta\n.*event\/m1/.test(told)).toBe(false);
  await page.stop(1_000);
  let last = await stream.read();
  while (!last.done) last = await stream.read();
});
