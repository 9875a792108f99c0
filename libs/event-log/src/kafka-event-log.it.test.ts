import { eventLogContract } from '@attune/testing/contracts/event-log-contract';
import { aRecord, aTopic, Witness } from '@attune/testing/contracts/event-log-subject';
import { endpoints } from '@attune/testing/provision/endpoints';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, test, vi } from 'vitest';
import { KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';

const brokers = (): string[] => endpoints().brokers.split(',');
const open = (options: Partial<KafkaEventLogOptions> = {}): KafkaEventLog => new KafkaEventLog({ brokers: brokers(), heartbeatMs: 300, ...options });

eventLogContract('Kafka', async () => ({ log: open(), reopen: async () => open() }), { reopens: true });

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of opened.splice(0)) await closable.close();
});
const opening = (): KafkaEventLog => {
  const log = open();
  opened.push(log);
  return log;
};

async function anAdmin() {
  const admin = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  opened.push({ close: () => admin.disconnect() });
  return admin;
}

async function configOf(topic: string): Promise<ReadonlyMap<string, string>> {
  const admin = await anAdmin();
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] });
  return new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

test('a topic is made with the time of appending, its retention and replicas that must be in sync', async () => {
  const log = opening();
  const admin = await anAdmin();
  const topic = `it.topic.${crypto.randomUUID()}`;
  await log.ensureTopics([{ topic, partitions: 1, retentionMs: 86_400_000 }]);
  const config = await configOf(topic);
  const { brokers: nodes } = await admin.describeCluster();
  expect(config.get('message.timestamp.type')).toBe('LogAppendTime');
  expect(config.get('retention.ms')).toBe('86400000');
  expect(config.get('cleanup.policy')).toBe('delete');
  expect(config.get('min.insync.replicas')).toBe(String(Math.max(1, Math.min(3, nodes.length) - 1)));
});

test('a compacted topic is compacted within a day, not before an hour, and keeps tombstones for a day', async () => {
  const log = opening();
  const topic = `it.compacted.${crypto.randomUUID()}`;
  await log.ensureTopics([{ topic, partitions: 1, compacted: true }]);
  expect(Object.fromEntries(await configOf(topic))).toMatchObject({
    'cleanup.policy': 'compact',
    'retention.ms': '-1',
    'min.cleanable.dirty.ratio': '0.1',
    'segment.ms': '21600000',
    'min.compaction.lag.ms': '3600000',
    'max.compaction.lag.ms': '86400000',
    'delete.retention.ms': '86400000',
    'message.timestamp.type': 'LogAppendTime',
  });
  const both = `it.compacted.${crypto.randomUUID()}`;
  await log.ensureTopics([{ topic: both, partitions: 1, compacted: true, retentionMs: 1_000 }]);
  expect((await configOf(both)).get('cleanup.policy')).toBe('compact,delete');
});

test('a record that the broker refuses does not take those along that are sent with it', async () => {
  const log = opening();
  const topic = await aTopic(log);
  const tooLarge = { ...aRecord('large'), value: new Uint8Array(2 * 1024 * 1024) };
  const settled = await Promise.allSettled([aRecord('a'), tooLarge, aRecord('b')].map((record) => log.append('acme', topic, [record])));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(settled[1]).toMatchObject({ reason: { code: 'EVENT_TOO_LARGE' } });
  expect((await log.read(topic, 0, 0, 9)).map(({ key }) => key)).toEqual(['a', 'b']);
});

test('of an append with a record that the broker refuses, nothing behind that record is sent', async () => {
  const log = opening();
  const topic = await aTopic(log);
  const tooLarge = { ...aRecord('large'), value: new Uint8Array(2 * 1024 * 1024) };
  const settled = await Promise.allSettled([log.append('acme', topic, [aRecord('a'), tooLarge, aRecord('b')]), log.append('acme', topic, [aRecord('c')])]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect((await log.read(topic, 0, 0, 9)).map(({ key }) => key)).toEqual(['a', 'c']);
});

test('an append larger than one send is split and keeps its order', async () => {
  const log = opening();
  const topic = await aTopic(log);
  const records = Array.from({ length: 40 }, (_, i) => ({ ...aRecord(String(i)), value: new Uint8Array(100_000) }));
  const positions = await log.append('acme', topic, records);
  expect(positions.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
  expect((await log.read(topic, 0, 0, 100)).map(({ key }) => key)).toEqual(records.map(({ key }) => key));
});

test('after an offset out of range the batch says from where it was really fetched', async () => {
  const log = opening();
  const topic = await aTopic(log, 1);
  await log.append('acme', topic, [aRecord('a'), aRecord('b')]);
  const witness = new Witness();
  const consumption = await log.consume({ topic, group: `it.${crypto.randomUUID()}`, handler: witness });
  await vi.waitFor(() => expect(witness.seen()).toEqual(['a', 'b']), { timeout: 20_000 });
  consumption.seek(0, 50);
  await vi.waitFor(() => expect(witness.seen()).toEqual(['a', 'b', 'a', 'b']), { timeout: 20_000 });
  expect(witness.batches.at(-1)?.fetchedOffset).toBe(0);
});

test('records below the start of the partition are passed over when reading', async () => {
  const log = opening();
  const topic = await aTopic(log, 1);
  for (const text of ['a', 'b', 'c']) await log.append('acme', topic, [aRecord(text)]);
  const admin = await anAdmin();
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  expect(await log.bounds(topic, 0)).toEqual({ startOffset: 2, endOffset: 3 });
  expect((await log.read(topic, 0, 0, 9)).map(({ offset }) => offset)).toEqual([2]);
});

test('nothing is written to the console and no warning is raised', async () => {
  const warnings: unknown[] = [];
  const listener = (warning: Error): number => warnings.push(warning.name);
  process.on('warning', listener);
  const errors = vi.spyOn(console, 'error');
  const log = open();
  const topic = await aTopic(log);
  await log.append('acme', topic, [aRecord('a')]);
  const consumption = await log.consume({ topic, group: `it.${crypto.randomUUID()}`, handler: new Witness() });
  await consumption.stop(5_000);
  await log.close();
  process.off('warning', listener);
  expect([...warnings, ...errors.mock.calls]).toEqual([]);
});
