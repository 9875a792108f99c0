import { createServer, type Server } from 'node:net';
import { partitionOf } from '@attune/kernel/hash';
import { Partitioners } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { KafkaEventLog } from './kafka-event-log.ts';
import type { EventLog } from './port.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A port that takes connections and says nothing. */
async function aSilentBroker(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const calls: Readonly<Record<string, (log: EventLog) => Promise<unknown>>> = {
  ensureTopics: (log) => log.ensureTopics([{ topic: 't', partitions: 1 }]),
  identity: (log) => log.identity('t'),
  bounds: (log) => log.bounds('t', 0),
  append: (log) => log.append('acme', 't', [{ key: 'k', value: new Uint8Array(1) }]),
  read: (log) => log.read('t', 0, 0, 1),
  committed: (log) => log.committed('g', 't', 0),
  consume: (log) => log.consume({ topic: 't', group: 'g', handler: { onBatch: async () => ({ kind: 'next', offset: 0 }) } }),
};

describe.each([
  ['no broker listens', async () => '127.0.0.1:1'],
  ['the broker is silent', aSilentBroker],
])('when %s', (_, broker) => {
  test.each(Object.entries(calls))('%s answers that the log is unavailable, within its deadline', async (_name, call) => {
    const log = new KafkaEventLog({ brokers: [await broker()], deadlineMs: 300, topicsDeadlineMs: 300 });
    const startedMs = performance.now();
    await expect(call(log)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    expect(performance.now() - startedMs).toBeLessThan(1500);
    await log.close();
  });
});

test("a key's partition is the one of kafkajs' own partitioner", () => {
  const partitions = 64;
  const choose = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const keys = ['', 'a', 'ab', 'abc', 'abcd', 'größe', '日本', '🙂', ...Array.from({ length: 500 }, (_, i) => `customer-${i * 7919}`)];
  const chosen = keys.map((key) => choose({ topic: 't', partitionMetadata, message: { key: Buffer.from(key), value: null } }));
  expect(keys.map((key) => partitionOf(key, partitions))).toEqual(chosen);
});
