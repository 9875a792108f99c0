import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Event } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { AcceptedEvent, Activity, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { altered, until } from '@attune/processor/processor-world';
import { keptSpans } from '@attune/runtime/telemetry/kept-spans.fixture';
import { silent } from '@attune/runtime/telemetry/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCEPTED, ACTIVITY, EVENTS, REJECTED } from '../container.ts';
import { type IngestionWorld, ingestionWorld, recordsOf } from '../ingestion-world.ts';
import { followEvents } from './follow-events.ts';

let world: IngestionWorld;
beforeEach(async () => {
  world = await ingestionWorld();
});
afterEach(() => world.end());

type Headers = Readonly<Record<string, string>>;
const bytes = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const write = (value: unknown, headers: Headers = {}, tenant = 'default') => world.log.append(tenant, EVENTS, [{ key: 'k', value: bytes(value), headers }]);
const order = (more: object = {}): object => ({ type: 'track', userId: 'ada', event: 'Order Completed', properties: { order_id: 'o1', total: 5 }, ...more });
const cloud: Headers = {
  ce_specversion: '1.0',
  ce_id: '7',
  ce_source: '/shop',
  ce_type: 'Order Completed',
  ce_subject: 'ada',
  'content-type': 'application/json',
};

const accepted = async () =>
  (await recordsOf(world, ACCEPTED)).flatMap(({ tenant, value }) => {
    const { record } = AcceptedEvent.decode(value);
    return record?.$case === 'event' ? [{ tenant, ...record.value }] : [];
  });
const rejected = async () => (await recordsOf(world, REJECTED)).map(({ key, value }) => ({ key, ...RejectedEvent.decode(value) }));
const untilTaken = (count: number) => until(async () => (await accepted()).length + (await rejected()).length >= count);

test.each([
  ["Segment's JSON", order({ messageId: 'm1' }), {}, 'm1'],
  ["Segment's JSON as text", order({ messageId: 'm1' }), { 'content-type': 'text/plain; charset=utf-8' }, 'm1'],
  ['a binary CloudEvent', { order_id: 'o1', total: 5 }, cloud, '/shop#7'],
  [
    'a structured CloudEvent',
    { specversion: '1.0', id: '7', source: '/shop', type: 'Order Completed', subject: 'ada', data: { order_id: 'o1', total: 5 } },
    { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    '/shop#7',
  ],
  [
    'our message',
    Event.encode(Event.fromPartial({ name: 'Order Completed', userId: 'ada', messageId: 'm1', properties: { order_id: 'o1', total: 5 } })).finish(),
    { 'content-type': 'application/x-protobuf' },
    'm1',
  ],
])('%s in the topic comes to the same event', async (_, value, headers, messageId) => {
  await write(value, headers);
  await untilTaken(1);
  expect(await accepted()).toMatchObject([{ messageId, name: 'Order Completed', source: 'app', openJson: '{"order_id":"o1","total":5}' }]);
  await write(order({ messageId: 'other' }));
  await untilTaken(2);
  const keys = new Set((await recordsOf(world, ACCEPTED)).map(({ key }) => key));
  expect(keys.size).toBe(1);
});

test('a CloudEvent may identify a visitor, say when, and name the decision that it answers', async () => {
  const { ce_subject: _, ...nameless } = cloud;
  const time = new Date(world.nowMs - 5_000).toISOString();
  await write({ country: 'ID' }, { ...nameless, ce_type: 'identify', ce_anonymousid: 'v1', ce_time: time });
  await write({ order_id: 'o1' }, { ...cloud, ce_id: '8', ce_attunedecision: 'd_1' });
  await untilTaken(2);
  expect(await accepted()).toEqual(
    expect.arrayContaining([expect.objectContaining({ openJson: '{"country":"ID"}', timestampMs: BigInt(world.nowMs - 5_000) })]),
  );
  expect(await rejected()).toEqual([]);
});

test('the topic says whose an event is, and not what stands in it or beside it', async () => {
  await write(order({ tenant: 'other', writeKey: 'other' }), {}, 'other');
  await untilTaken(1);
  expect((await accepted()).map(({ tenant }) => tenant)).toEqual(['default']);
});

test('a record that is handled again is a repeat, with or without a name of its own', async () => {
  await write(order());
  await write({ order_id: 'o1' }, cloud);
  await untilTaken(2);
  const again: LogRecord[] = [...(await recordsOf(world, EVENTS))];
  await world.ingestion.following.stop(1_000);
  const log = altered(world.log, { committed: async () => 0, consume: (options) => world.log.consume({ ...options, group: 'again' }) });
  const second = await followEvents({ log, clock: { nowMs: () => world.nowMs }, telemetry: silent, tenant: 'default', publish: world.ingestion.publish });
  await untilTaken(2 * again.length);
  await second.stop(1_000);
  await until(async () => (await recordsOf(world, ACTIVITY)).length === 4);
  const told = (await recordsOf(world, ACTIVITY)).filter(({ value }) => Activity.decode(value).record !== undefined);
  expect(told).toHaveLength(2);
});

test('every hostile record is refused with its code, and the next one is taken', async () => {
  const corpus = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../testdata/hostile/records.json'), 'utf8')) as {
    readonly title: string;
    readonly headers: Headers;
    readonly json?: unknown;
    readonly body?: string;
    readonly base64?: string;
    readonly pad?: number;
    readonly code: string;
    readonly field: string;
  }[];
  expect(corpus.length).toBeGreaterThan(20);
  for (const { headers, json, body, base64, pad } of corpus)
    await write(base64 === undefined ? (body ?? (pad === undefined ? json : 'y'.repeat(pad))) : Buffer.from(base64, 'base64'), headers);
  await write(order({ messageId: 'after' }));
  await untilTaken(corpus.length + 1);
  expect((await accepted()).map(({ messageId }) => messageId)).toEqual(['after']);
  const byOffset = new Map((await rejected()).map(({ key, code, field }) => [key.split('/')[2], { code, field }]));
  expect(corpus.map(({ title }, offset) => ({ title, ...byOffset.get(String(offset)) }))).toEqual(
    corpus.map(({ title, code, field }) => ({ title, code, field })),
  );
});

test('a record that breaks something is refused alone, and one that meets a log which is away waits', async () => {
  await world.ingestion.following.stop(1_000);
  const faults: string[] = [];
  let away = 2;
  const publish: typeof world.ingestion.publish = async (tenant, requests) => {
    if (away-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
    if (requests.some(({ body }) => JSON.stringify(body)?.includes('bad'))) throw new Error('broken');
    return world.ingestion.publish(tenant, requests);
  };
  for (const userId of ['a', 'bad', 'c']) await write(order({ userId }));
  const ports = {
    log: world.log,
    clock: { nowMs: () => world.nowMs },
    telemetry: silent,
    tenant: 'default',
    onFault: ({ code }: { readonly code: string }) => void faults.push(code),
  };
  const following = await followEvents({ ...ports, publish });
  await untilTaken(3);
  await following.stop(1_000);
  expect([(await accepted()).length, (await rejected()).map(({ code }) => code)]).toEqual([2, ['INTERNAL']]);
  expect(faults.slice(0, 3)).toEqual(['LOG_UNAVAILABLE', 'LOG_UNAVAILABLE', 'INTERNAL']);
});

test('what is taken from the topic is traced record by record, on from what its sender traces', async () => {
  await world.ingestion.following.stop(1_000);
  const { traces, spans } = keptSpans();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await write(order({ messageId: 'm1' }), { traceparent });
  await write({}, { ...cloud, ce_traceparent: traceparent, 'content-type': 'text/html' });
  await write(order({ messageId: 'm2' }), { traceparent: 'ada@example.com' });
  const ports = { log: world.log, clock: { nowMs: () => world.nowMs }, telemetry: { ...silent, ...traces }, tenant: 'default' };
  const following = await followEvents({ ...ports, publish: world.ingestion.publish });
  await untilTaken(3);
  await following.stop(1_000);
  const records = [...(await recordsOf(world, ACCEPTED)), ...(await recordsOf(world, REJECTED))];
  expect(new Set(records.map(({ headers }) => headers['traceparent']))).toEqual(new Set(spans().map((span) => span.traceparent)));
  expect(spans().filter(({ parent }) => parent === traceparent.slice(36, 52)).length).toBe(2);
  expect(spans().map(({ name }) => name)).toEqual(['door take', 'door take', 'door take']);
});
