import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Event } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';

import { CloudEvent, Kafka as CloudEvents } from 'cloudevents';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterEach, expect, test } from 'vitest';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import { localFoundations } from './foundations.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

const EVENTS = 'attune.events.v1';
const folder = mkdtempSync(join(tmpdir(), 'attune-'));
const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The one process with its log on Kafka. */
async function start(prefix: string): Promise<Attune> {
  const log = namespacedLog(new KafkaEventLog({ brokers: endpoints().brokers.split(',') }), prefix);
  const settings = readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' });
  const local = localFoundations(folder, systemClock);
  await local.log.close();
  const foundations = { ...local, log };
  const attune = await embedded({ ...readConfiguration(EXAMPLE), settings, clock: systemClock, foundations, pageFolder: folder, demo: () => ({ madeUp: [] }) });
  opened.push(attune);
  return attune;
}

/** What an application does: it knows the topic and nothing of Attune. */
async function anApplication(prefix: string) {
  const kafka = new Kafka({ brokers: endpoints().brokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  opened.push({ stop: () => producer.disconnect() });
  return (value: string | Buffer, headers: Record<string, string> = {}) =>
    producer.send({ topic: `${prefix}.${EVENTS}`, messages: [{ key: 'k', value, headers }] });
}

async function eventsOf({ app }: Attune, userId: string): Promise<unknown> {
  const payload = JSON.stringify({ subject: { userId }, purpose: 'service' });
  const answer = await app.inject({ method: 'POST', url: '/attune.features.v1.FeatureStoreService/GetProfile', payload });
  return (answer.json() as { readonly events?: string }).events;
}

/** As kafkajs takes them. */
const textual = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));

test('what applications write into the topic in any of the four forms moves profiles, and what is refused is kept', { timeout: 120_000 }, async () => {
  const prefix = freshPrefix();
  const attune = await start(prefix);
  const write = await anApplication(prefix);
  const data = { order_id: 'o1', total: 24.5, products: [] };
  const segment = JSON.stringify({ type: 'track', userId: 'sue', event: 'Order Completed', properties: data, messageId: 'm1' });
  await write(segment);
  await write(segment); // sent twice
  const cloud = (subject: string) => new CloudEvent({ source: '/shop', type: 'Order Completed', subject, data });
  const binary = CloudEvents.binary(cloud('bob'));
  await write(JSON.stringify(binary.value), textual(binary.headers));
  const structured = CloudEvents.structured(cloud('stu'));
  await write(String(structured.value), textual(structured.headers));
  const message = Event.encode(Event.fromPartial({ name: 'Order Completed', userId: 'pia', properties: data })).finish();
  await write(Buffer.from(message), { 'content-type': 'application/x-protobuf' });
  await write('{"half"');
  await attune.pipeline.settle(systemStopwatch);
  expect(await Promise.all(['sue', 'bob', 'stu', 'pia'].map((userId) => eventsOf(attune, userId)))).toEqual(['1', '1', '1', '1']);
  const log = namespacedLog(new KafkaEventLog({ brokers: endpoints().brokers.split(',') }), prefix);
  opened.push({ stop: () => log.close() });
  const refused = (await Promise.all([0, 1, 2, 3].map((partition) => log.read('attune.events.rejected.v1', partition, 0, 10)))).flat();
  expect(refused.map(({ value }) => RejectedEvent.decode(value).code)).toEqual(['BODY_UNREADABLE']);
});
