import { setImmediate as nextTurn } from 'node:timers/promises';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TopicTail } from './topic-tail.ts';

const TOPIC = 'things';
let log: SqliteEventLog;
let applied: string[];
beforeEach(async () => {
  log = new SqliteEventLog({ path: ':memory:', clock: { nowMs: () => 0 }, stopwatch: { sleep: () => nextTurn() } });
  applied = [];
  await log.ensureTopics([{ topic: TOPIC, partitions: 2 }]);
});
afterEach(() => log.close());

const append = (...keys: string[]) =>
  log.append(
    'default',
    TOPIC,
    keys.map((key) => ({ key, value: new Uint8Array() })),
  );
const tail = (from: ConstructorParameters<typeof TopicTail>[0]['log'] = log) =>
  new TopicTail({ log: from, topic: TOPIC, apply: ({ key }) => applied.push(key) });

test('everything that was appended before is applied, each record once, and later ones at the next look', async () => {
  const one = tail();
  await append('a', 'b', 'c');
  await one.readToEnd();
  await append('d');
  await Promise.all([one.readToEnd(), one.readToEnd()]);
  expect(applied.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect(applied.at(-1)).toBe('d');
});

test('a topic that is longer than one read is applied whole', async () => {
  await append(...Array.from({ length: 2_500 }, (_, i) => `k${i}`));
  await tail().readToEnd();
  expect(new Set(applied).size).toBe(2_500);
});

test('a look that the log does not answer throws, and the next one goes on where it was', async () => {
  let away = false;
  const answering = <T>(work: () => Promise<T>): Promise<T> => (away ? Promise.reject(new Error('away')) : work());
  const one = tail({
    identity: (topic) => log.identity(topic),
    bounds: (topic, partition) => answering(() => log.bounds(topic, partition)),
    read: (topic, partition, fromOffset, max) => log.read(topic, partition, fromOffset, max),
  });
  await append('a');
  await one.readToEnd();
  away = true;
  await append('b');
  await expect(one.readToEnd()).rejects.toThrow('away');
  away = false;
  await one.readToEnd();
  expect(applied).toEqual(['a', 'b']);
});
