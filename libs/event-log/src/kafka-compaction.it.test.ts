import { aName, aRecord, tenant, Witness } from '@attune/testing/contracts/event-log-subject';
import { endpoints } from '@attune/testing/provision/endpoints';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, test } from 'vitest';
import { KafkaEventLog } from './kafka-event-log.ts';
import type { LogRecord } from './port.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of opened.splice(0)) await closable.close();
});

/** A topic that is compacted as soon as the broker's cleaner comes by, every 15 s unless it is told otherwise. */
async function aHurriedTopic(brokers: string[]): Promise<string> {
  const topic = aName('compacted');
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  opened.push({ close: () => admin.disconnect() });
  const config = { 'cleanup.policy': 'compact', 'segment.ms': 500, 'min.cleanable.dirty.ratio': 0.001, 'max.compaction.lag.ms': 500, 'delete.retention.ms': 0 };
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value: String(value) }));
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }] });
  return topic;
}

test('after a compaction the newest record of each key is there, reading goes on from any offset, and groups come to the end', {
  timeout: 90_000,
}, async () => {
  const brokers = endpoints().brokers.split(',');
  const log = new KafkaEventLog({ brokers });
  opened.push(log);
  const topic = await aHurriedTopic(brokers);
  await log.ensureTopics([{ topic, partitions: 1, compacted: true }]);
  const texts = Array.from({ length: 300 }, (_, i) => String(i));
  await log.append(
    tenant,
    topic,
    texts.map((text) => aRecord(text)),
  ); // one batch, whose second half goes
  await log.append(
    tenant,
    topic,
    texts.slice(150).map((text) => ({ ...aRecord(text), tombstone: true as const })),
  );
  const kept = (): Promise<readonly LogRecord[]> => log.read(topic, 0, 0, 10_000);
  const compacted = async (): Promise<number> => {
    await log.append(tenant, topic, [aRecord('closes the segment')]);
    return (await kept()).filter(({ offset }) => offset < 450).length;
  };
  await expect.poll(compacted, { timeout: 80_000, interval: 600 }).toBeLessThanOrEqual(300);
  const left = await kept();
  expect(left.slice(0, 150).map(({ key }) => key)).toEqual(texts.slice(0, 150));
  for (const at of [0, 149, 150, 200, 299, 300, 449, 450]) {
    const next = left.filter(({ offset }) => offset >= at).map(({ offset }) => offset);
    for (const max of [1, 10]) expect((await log.read(topic, 0, at, max)).map(({ offset }) => offset)).toEqual(next.slice(0, max));
  }
  const witness = new Witness();
  await log.consume({ topic, group: aName('group'), handler: witness });
  await expect.poll(() => witness.batches.at(-1)?.records.at(-1)?.offset, { timeout: 30_000 }).toBe(left.at(-1)?.offset);
  expect(witness.seen().slice(0, 150)).toEqual(texts.slice(0, 150));
});
