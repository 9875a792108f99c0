import { createHash } from 'node:crypto';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { AttuneError } from '@attune/kernel/errors';
import { type Secrets, type Stopwatch, systemClock, systemStopwatch } from '@attune/runtime/world';
import { keyStoreContract } from '@attune/testing/contracts/key-store-contract';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { keyNameOf, markerRecord, tombstoneRecord } from './key-records.ts';
import { keysTopicOf, LogKeyStore } from './log-key-store.ts';
import type { FoundKey, KeyId } from './port.ts';

const TENANT = 'default';
const { topic } = keysTopicOf();
const secrets: Secrets = { get: async (name) => createHash('sha256').update(name).digest() };

/** Machine time as the test says; whoever sleeps wakes when it has gone by. */
class HandStopwatch implements Stopwatch {
  #nowMs = 0;
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  elapsedMs(): number {
    return this.#nowMs;
  }
  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ untilMs: this.#nowMs + ms, wake }));
  }
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.#nowMs);
    for (const { wake } of due) wake();
  }
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of opened.splice(0).reverse()) await closable.close();
});
const aLog = (): EventLog => {
  const log = new SqliteEventLog({ path: ':memory:', clock: systemClock, stopwatch: systemStopwatch });
  opened.push(log);
  return log;
};
async function aStore(log: EventLog, stopwatch: Stopwatch = new HandStopwatch()): Promise<LogKeyStore> {
  const store = new LogKeyStore({ log, secrets, stopwatch });
  opened.push(store);
  await store.start();
  return store;
}

const recordsOf = async (log: EventLog): Promise<readonly LogRecord[]> => log.read(topic, 0, 0, 1_000_000);
const hex = (found: ReadonlyMap<KeyId, FoundKey>): Record<KeyId, string> =>
  Object.fromEntries([...found].map(([id, key]) => [id, key.kind === 'key' ? Buffer.from(key.bytes).toString('hex') : key.kind]));
const someIds = (count: number): readonly KeyId[] => Array.from({ length: count }, (_, i) => `subject/p_${i}`);

/** What compaction leaves: the newest record of each key, in order; later on without the tombstones. */
async function compacted(log: EventLog, { tombstones }: { readonly tombstones: boolean }): Promise<EventLog> {
  const records = await recordsOf(log);
  const newest = new Map(records.map((record) => [record.key, record]));
  const copy = aLog();
  await copy.ensureTopics([keysTopicOf()]);
  for (const { tenant, partition, ...record } of records) {
    if (newest.get(record.key)?.offset === record.offset && (tombstones || !record.tombstone)) await copy.append(tenant, topic, [{ ...record, partition }]);
  }
  return copy;
}

const shared = new SqliteEventLog({ path: ':memory:', clock: systemClock, stopwatch: systemStopwatch });
keyStoreContract('LogKeyStore', async () => {
  const store = new LogKeyStore({ log: shared, secrets, stopwatch: new HandStopwatch() });
  await store.start();
  return store;
});

test('two stores that ensure the same ids at once agree, one that starts later sees the same, and rivals have tombstones', async () => {
  const log = aLog();
  const [one, other] = [await aStore(log), await aStore(log)];
  const ids = someIds(200);
  const [made, also] = await Promise.all([one.ensure(TENANT, ids), other.ensure(TENANT, ids)]);
  expect(hex(also)).toEqual(hex(made));
  expect(new Set(Object.values(hex(made))).size).toBe(200);
  expect(hex(await (await aStore(log)).find(TENANT, ids))).toEqual(hex(made));
  const records = await recordsOf(log);
  expect(records.filter((record) => !record.tombstone)).toHaveLength(400);
  expect(new Set(records.filter((record) => record.tombstone).map(({ key }) => key)).size).toBe(200);
});

test.each([true, false])('winners and destroyed keys are the same after a compaction and a restart (tombstones still there: %s)', async (tombstones) => {
  const log = aLog();
  const [one, other] = [await aStore(log), await aStore(log)];
  const ids = someIds(50);
  await Promise.all([one.ensure(TENANT, ids), other.ensure(TENANT, ids.toReversed())]);
  await one.destroy(TENANT, ids.slice(0, 20));
  await other.destroy(TENANT, ids.slice(10, 30));
  const before = hex(await other.find(TENANT, ids));
  expect(Object.values(before).filter((key) => key === 'destroyed')).toHaveLength(30);
  const copy = await compacted(log, { tombstones });
  expect((await recordsOf(copy)).length).toBeLessThan((await recordsOf(log)).length);
  const after = await aStore(copy);
  expect(hex(await after.ensure(TENANT, ids))).toEqual(before);
  expect(hex(await (await aStore(await compacted(copy, { tombstones: false }))).ensure(TENANT, ids))).toEqual(before);
});

test('no key and no bytes of a destroyed one are left in the log once it is compacted', async () => {
  const log = aLog();
  const store = await aStore(log);
  const ids = someIds(20);
  const keys = hex(await store.ensure(TENANT, ids));
  const bytes = async (of: EventLog): Promise<string> =>
    (await recordsOf(of)).map(({ key, value }) => `${key} ${Buffer.from(value).toString('hex')}`).join('\n');
  for (const key of Object.values(keys)) expect(await bytes(log)).not.toContain(key);
  const wrapped = (await recordsOf(log)).map(({ value }) => Buffer.from(value).toString('hex'));
  await store.destroy(TENANT, ids.slice(0, 10));
  const left = await bytes(await compacted(log, { tombstones: true }));
  expect(wrapped.map((text) => left.includes(text))).toEqual(ids.map((_, i) => i >= 10));
});

/** A log that appends some records again, at once or behind what comes next: brokers do so when a reply is lost. */
function repeating(log: EventLog, choose: () => number): EventLog {
  const late: (() => Promise<unknown>)[] = [];
  return {
    ...delegating(log),
    append: async (tenant, to, records) => {
      const positions = await log.append(tenant, to, records);
      for (const again of late.splice(0)) await again();
      if (choose() === 0) return log.append(tenant, to, records);
      if (choose() === 0) late.push(() => log.append(tenant, to, records));
      return positions;
    },
  };
}

const delegating = (log: EventLog): EventLog => ({
  ensureTopics: (specs) => log.ensureTopics(specs),
  identity: (of) => log.identity(of),
  bounds: (of, partition) => log.bounds(of, partition),
  append: (tenant, to, records) => log.append(tenant, to, records),
  read: (from, partition, offset, max) => log.read(from, partition, offset, max),
  committed: (group, of, partition) => log.committed(group, of, partition),
  consume: (options) => log.consume(options),
  close: () => log.close(),
});

const step = fc.record({
  does: fc.constantFrom('ensure', 'ensure', 'ensure', 'destroy', 'find'),
  by: fc.nat({ max: 2 }),
  ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
});

test('whatever stores do at once, and though records are repeated, all agree for ever, also after compactions and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      fc.infiniteStream(fc.nat({ max: 3 })),
      async (rounds, chances) => {
        const log = aLog();
        const faulty = repeating(log, () => chances.next().value ?? 1);
        const stores = [await aStore(faulty), await aStore(faulty), await aStore(faulty)];
        const seen = new Map<KeyId, Set<string>>();
        const note = (found: ReadonlyMap<KeyId, FoundKey>): void => {
          for (const [id, key] of Object.entries(hex(found))) seen.set(id, (seen.get(id) ?? new Set()).add(key));
        };
        for (const round of rounds) {
          await Promise.all(
            round.map(async ({ does, by, ids }) => {
              const store = stores[by];
              if (does === 'destroy') await store?.destroy(TENANT, ids);
              else if (store) note(await store[does](TENANT, ids));
            }),
          );
        }
        const all = ['a', 'b', 'c', 'd'];
        const last = hex(await (await aStore(log)).ensure(TENANT, all));
        for (const tombstones of [true, false]) {
          expect(hex(await (await aStore(await compacted(log, { tombstones }))).ensure(TENANT, all))).toEqual(last);
        }
        for (const [id, keys] of seen) {
          keys.delete('absent');
          keys.delete('destroyed');
          expect(keys.size).toBeLessThanOrEqual(1);
          if (last[id] !== 'destroyed') expect([...keys, last[id]]).toEqual(keys.size === 0 ? [last[id]] : [last[id], last[id]]);
        }
        for (const closable of opened.splice(0).reverse()) await closable.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('a tombstone on a key in use destroys it for good, with a marker in the log', async () => {
  const log = aLog();
  const store = await aStore(log);
  await store.ensure(TENANT, ['a']);
  const [candidate] = await recordsOf(log);
  await log.append(TENANT, topic, [tombstoneRecord(candidate?.key ?? '')]);
  expect(hex(await (await aStore(log)).ensure(TENANT, ['a']))).toEqual({ a: 'destroyed' });
  expect((await recordsOf(log)).map(({ key }) => key)).toContain(keyNameOf(TENANT, 'a'));
});

test('however many ids are asked for, no append is long', async () => {
  const log = aLog();
  let longest = 0;
  const counted: EventLog = {
    ...delegating(log),
    append: (tenant, to, records) => {
      longest = Math.max(longest, records.length);
      return log.append(tenant, to, records);
    },
  };
  const store = await aStore(counted);
  const ids = someIds(5_001);
  expect(new Set(Object.values(hex(await store.ensure(TENANT, ids)))).size).toBe(5_001);
  await store.destroy(TENANT, ids);
  expect(new Set(Object.values(hex(await store.find(TENANT, ids))))).toEqual(new Set(['destroyed']));
  expect(longest).toBe(2_000);
});

test('records of others in the topic are passed over', async () => {
  const log = aLog();
  const store = await aStore(log);
  const value = new Uint8Array(60);
  for (const key of ['', 'a', '[', '{}', '[1,2,3]', '["default"]', '["default","a","x"]', '["default","a","b","c"]'])
    await log.append(TENANT, topic, [{ key, value, partition: 0 }]);
  await log.append(TENANT, topic, [{ ...markerRecord(keyNameOf(TENANT, 'a')), tombstone: true }]);
  expect((await store.find(TENANT, ['a'])).get('a')).toEqual({ kind: 'absent' });
  expect((await store.ensure(TENANT, ['a'])).get('a')?.kind).toBe('key');
});

test('a known key is answered from memory, and an erasure elsewhere is seen by following within the second', async () => {
  const log = aLog();
  let reads = 0;
  const counted: EventLog = {
    ...delegating(log),
    bounds: (...at) => {
      reads++;
      return log.bounds(...at);
    },
  };
  const stopwatch = new HandStopwatch();
  const [store, other] = [await aStore(counted, stopwatch), await aStore(log)];
  await store.ensure(TENANT, ['a']);
  reads = 0;
  await store.find(TENANT, ['a']);
  await store.ensure(TENANT, ['a']);
  expect(reads).toBe(0);
  await other.destroy(TENANT, ['a']);
  stopwatch.advance(1_000);
  await expect.poll(async () => hex(await store.find(TENANT, ['a']))).toEqual({ a: 'destroyed' });
  expect(reads).toBe(1);
});

test('while the log is away no new key is made, known ones are answered for five seconds, and it goes on by itself', async () => {
  const log = aLog();
  let away = false;
  const here = <T>(work: () => Promise<T>): Promise<T> => (away ? Promise.reject(new AttuneError('LOG_UNAVAILABLE')) : work());
  const flaky: EventLog = { ...delegating(log), bounds: (...at) => here(() => log.bounds(...at)), append: (...what) => here(() => log.append(...what)) };
  const stopwatch = new HandStopwatch();
  const store = await aStore(flaky, stopwatch);
  const { a } = hex(await store.ensure(TENANT, ['a']));
  away = true;
  stopwatch.advance(5_000);
  expect(hex(await store.ensure(TENANT, ['a']))).toEqual({ a });
  const refused = { code: 'KEY_UNAVAILABLE' };
  await expect(store.ensure(TENANT, ['b'])).rejects.toMatchObject(refused);
  await expect(store.find(TENANT, ['b'])).rejects.toMatchObject(refused);
  await expect(store.destroy(TENANT, ['a'])).rejects.toMatchObject(refused);
  stopwatch.advance(1);
  await expect(store.find(TENANT, ['a'])).rejects.toMatchObject(refused);
  away = false;
  expect(hex(await store.ensure(TENANT, ['a', 'b']))).toMatchObject({ a, b: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('where no broker answers every call is KEY_UNAVAILABLE within the deadline of the log', async () => {
  const log = new KafkaEventLog({ brokers: ['127.0.0.1:1'], deadlineMs: 200, topicsDeadlineMs: 200 });
  opened.push(log);
  const store = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  const startedMs = performance.now();
  const settled = await Promise.allSettled([store.start(), store.ensure(TENANT, ['a']), store.find(TENANT, ['a']), store.destroy(TENANT, ['a'])]);
  expect(settled.map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual(Array(4).fill('KEY_UNAVAILABLE'));
  expect(performance.now() - startedMs).toBeLessThan(1_500);
  await store.close();
});

test('a topic that ends before what was read of it is refused, and without the secret it opens nothing', async () => {
  const log = aLog();
  let cut = false;
  const cuttable: EventLog = { ...delegating(log), bounds: async (...at) => (cut ? { startOffset: 0, endOffset: 0 } : log.bounds(...at)) };
  const store = await aStore(cuttable);
  await store.ensure(TENANT, ['a']);
  cut = true;
  await expect(store.find(TENANT, ['b'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  const thief = new LogKeyStore({ log, secrets: { get: async () => new Uint8Array(32) }, stopwatch: new HandStopwatch() });
  await thief.start();
  await expect(thief.find(TENANT, ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await thief.close();
});
