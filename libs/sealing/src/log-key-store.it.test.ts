import { createHash } from 'node:crypto';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import type { EventLog } from '@attune/event-log/port';
import { type Secrets, systemStopwatch } from '@attune/runtime/world';
import { keyStoreContract } from '@attune/testing/contracts/key-store-contract';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { afterAll, expect, test } from 'vitest';
import { KeyRing } from './key-ring.ts';
import { keysTopicOf, LogKeyStore } from './log-key-store.ts';
import { type FoundKey, type KeyId, subjectKey } from './port.ts';

const TENANT = 'default';
const secrets: Secrets = { get: async (name) => createHash('sha256').update(name).digest() };
const hex = (found: ReadonlyMap<KeyId, FoundKey>): readonly string[] =>
  [...found.values()].map((key) => (key.kind === 'key' ? Buffer.from(key.bytes).toString('hex') : key.kind));

const logs: EventLog[] = [];
afterAll(async () => {
  for (const log of logs) await log.close();
});
function aLog(prefix: string): EventLog {
  const log = namespacedLog(new KafkaEventLog({ brokers: endpoints().brokers.split(',') }), prefix);
  logs.push(log);
  return log;
}
async function aStore(log: EventLog): Promise<LogKeyStore> {
  const store = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  await store.start();
  return store;
}

const prefix = freshPrefix();
let ours: EventLog | undefined;
keyStoreContract('LogKeyStore on Kafka', async () => {
  ours ??= aLog(prefix);
  return aStore(ours);
});

test('two stores on connections of their own ensure the same ids at once and agree, and one that starts later sees them', async () => {
  const own = freshPrefix();
  const [one, other] = await Promise.all([aStore(aLog(own)), aStore(aLog(own))]);
  const ids = Array.from({ length: 200 }, (_, i) => subjectKey(`p_${i}`));
  const [made, also] = await Promise.all([one.ensure(TENANT, ids), other.ensure(TENANT, ids)]);
  expect(hex(also)).toEqual(hex(made));
  expect(new Set(hex(made)).size).toBe(200);
  await other.destroy(TENANT, ids.slice(0, 100));
  const later = await aStore(aLog(own));
  const expected = [...Array<string>(100).fill('destroyed'), ...hex(made).slice(100)];
  expect(hex(await later.ensure(TENANT, ids))).toEqual(expected);
  await expect.poll(async () => hex(await one.find(TENANT, ids)), { timeout: 10_000 }).toEqual(expected);
  for (const store of [one, other, later]) await store.close();
});

test('a thousand keys are made by one append and found in memory, and none of them lies in the topic', async () => {
  const log = aLog(freshPrefix());
  let calls: string[] = [];
  const counted: EventLog = {
    ...log,
    bounds: (...at) => {
      calls.push('bounds');
      return log.bounds(...at);
    },
    append: (...what) => {
      calls.push('append');
      return log.append(...what);
    },
  };
  const store = new LogKeyStore({ log: counted, secrets, stopwatch: { elapsedMs: () => 0, sleep: () => new Promise(() => {}) } });
  await store.start();
  const ids = Array.from({ length: 1_000 }, (_, i) => subjectKey(`p_${i}`));
  calls = [];
  const made = await store.ensure(TENANT, ids);
  expect(calls).toEqual(['bounds', 'append', 'bounds']);
  const found = await store.find(TENANT, ids);
  await new KeyRing(store, systemStopwatch).ensure(TENANT, ids);
  expect(calls).toHaveLength(3);
  expect(hex(found)).toEqual(hex(made));
  const records = await log.read(keysTopicOf().topic, 0, 0, 10_000);
  const bytes = records.map(({ value }) => Buffer.from(value).toString('hex')).join('\n');
  expect(records).toHaveLength(1_000);
  for (const key of hex(made)) expect(bytes.includes(key)).toBe(false);
  await store.close();
});
