import type { EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Processor } from './processor.ts';
import { all, altered, ProcessorWorld, until } from './processor-world.ts';
import { STEP_BYTES_MAX } from './step.ts';

const text = new TextEncoder();
const body = (fields: object): Uint8Array => text.encode(JSON.stringify(fields));

let world: ProcessorWorld<Ledger>;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
});
afterEach(() => world.end());

const slot = { processor: 'ledger', partition: 0, partitions: 1 };
const send = (key: string, fields: object) => world.log.append('default', IN, [{ key, value: body(fields) }]);
const committed = (offset: number) => until(async () => (await world.log.committed('ledger', IN, 0)) === offset);
const publishedIds = async () => (await all(world.log, OUT)).map(({ headers }) => headers['id']);
const ledgers = async (...names: string[]) => {
  const { states } = await world.store.read(
    slot,
    names.map((name) => `default:ledger:${name}`),
  );
  return states.map((bytes) => bytes && ledgerFold.decode(bytes));
};

test('a record is folded, its emission published under its id, and then its offset committed', async () => {
  await world.start();
  await send('ann', { amount: 3 });
  await committed(1);
  expect(await publishedIds()).toEqual(['0:0:seen']);
  expect(await ledgers('ann')).toEqual([{ count: 1, chain: 7 * 31 + 3, wakeAtMs: 0 }]);
});

test('only the record that throws in the middle of a batch is set aside, and a rejection tells of it', async () => {
  for (const fields of [{ amount: 3 }, { amount: 6 }, { amount: 3, poison: true }, { amount: 9 }]) await send('ann', fields);
  await send('bea', { amount: 3 });
  await world.start();
  await committed(5);
  expect(await world.store.skipped(slot)).toEqual(new Map([[2, 'RECORD_SKIPPED']]));
  expect(await publishedIds()).toEqual(['0:0:seen', '0:1:seen', '0:2:rejected', '0:3:seen', '0:4:seen']);
  expect((await ledgers('ann', 'bea')).map((state) => state?.count)).toEqual([3, 1]);
});

test('a record is set aside under the code that its fold or its key threw', async () => {
  const keyOf: typeof ledgerFold.keyOf = (record) => {
    if (record.key === 'eve') throw new AttuneError('IDENTIFIER_JUNK');
    return ledgerFold.keyOf(record);
  };
  await send('eve', { amount: 3 });
  await send('ann', { amount: 3 });
  await world.start(world.log, { ...ledgerFold, keyOf });
  await committed(2);
  expect(await world.store.skipped(slot)).toEqual(new Map([[0, 'IDENTIFIER_JUNK']]));
  expect((await all(world.log, OUT)).map(({ value }) => new TextDecoder().decode(value))[0]).toBe('{"code":"IDENTIFIER_JUNK"}');
});

test('a configuration that this program does not read stops the partition and sets nothing aside', async () => {
  const fold: typeof ledgerFold.fold = () => {
    throw new AttuneError('CONFIGURATION_INVALID');
  };
  await send('ann', { amount: 3 });
  const first = await world.start(world.log, { ...ledgerFold, fold });
  await until(() => first.status()[0]?.stoppedBy === 'CONFIGURATION_INVALID');
  await world.stop(first);
  expect(await world.store.skipped(slot)).toEqual(new Map());
  await world.start();
  await committed(1);
  expect(await publishedIds()).toEqual(['0:0:seen']);
});

test('a record that was set aside stays so after a restart and is not rejected again', async () => {
  await send('ann', { amount: 3, poison: true });
  const first = await world.start();
  await committed(1);
  await world.stop(first);
  await world.start();
  await send('ann', { amount: 3 });
  await committed(2);
  expect(await world.store.skipped(slot)).toEqual(new Map([[0, 'RECORD_SKIPPED']]));
  expect(await publishedIds()).toEqual(['0:0:rejected', '0:1:seen']);
  expect((await ledgers('ann'))[0]?.count).toBe(1);
});

test('a state is woken by one record of the log once the clock passes its time', async () => {
  await world.start();
  await send('ann', { amount: 11 });
  await committed(1);
  world.clock.pass(2_999);
  await send('bea', { amount: 1 });
  await committed(2);
  world.clock.pass(1);
  await committed(3);
  expect(await publishedIds()).toEqual(['0:2:woken']);
  expect((await all(world.log, IN)).map(({ key }) => key)).toEqual(['ann', 'bea', 'ann']);
  expect(await world.store.due(slot, Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
});

test('a batch that comes during a look at its partition waits for its end and is folded', async () => {
  const verdicts: string[] = [];
  const look = Promise.withResolvers<void>();
  let [held, looking] = [false, false];
  const consume: EventLog['consume'] = ({ handler, ...rest }) => {
    const onBatch: typeof handler.onBatch = async (batch, control) => {
      const verdict = handler.onBatch(batch, control);
      if (looking) look.resolve();
      verdicts.push((await verdict).kind);
      return verdict;
    };
    return world.log.consume({ ...rest, handler: { onBatch } });
  };
  const read = world.store.read.bind(world.store);
  world.store.read = async (of, keys) => {
    if (held && keys.length === 0) {
      looking = true;
      await look.promise;
    }
    return read(of, keys);
  };
  await world.start(altered(world.log, { consume }));
  await send('ann', { amount: 3 });
  await committed(1);
  held = true;
  await until(() => looking);
  await send('ann', { amount: 6 });
  await committed(2);
  expect(verdicts).toEqual(['next', 'next']);
});

test('a rebuild from an empty store gives the same states and publishes nothing a second time', async () => {
  for (let i = 1; i <= 30; i++) await send(i % 2 ? 'ann' : 'bea', { amount: i % 10, poison: i === 17 });
  const first = await world.start();
  await committed(30);
  const before = { states: await ledgers('ann', 'bea'), published: await publishedIds() };
  await world.stop(first);
  await world.store.clear(slot);
  const second = await world.start();
  await until(() => second.status()[0]?.nextOffset === 30);
  expect(await ledgers('ann', 'bea')).toEqual(before.states);
  await send('ann', { amount: 3 });
  await committed(31);
  expect(await publishedIds()).toEqual([...before.published, '0:30:seen']);
});

test('a rebuild that another owner takes over half-way publishes nothing a second time', async () => {
  for (let i = 1; i <= 30; i++) await send('ann', { amount: 3 });
  const first = await world.start();
  await committed(30);
  const before = await publishedIds();
  await world.stop(first);
  await world.store.clear(slot);
  const commits: number[] = [];
  const consume: EventLog['consume'] = async (options) => {
    // its batches never come, as of a process that dies right after it adopted the partition
    const consumption = await world.log.consume({ ...options, handler: { onBatch: async () => ({ kind: 'pause', ms: 60_000 }) } });
    const commit: typeof consumption.commit = (offsets) => {
      commits.push(...offsets.values());
      return consumption.commit(offsets);
    };
    return { ...consumption, assignment: () => consumption.assignment(), seek: () => {}, stop: (graceMs) => consumption.stop(graceMs), commit };
  };
  const second = await world.start(altered(world.log, { consume }));
  await until(() => commits.length > 0);
  await world.stop(second);
  expect(await world.log.committed('ledger', IN, 0)).toBe(30);
  const third = await world.start();
  await until(() => third.status()[0]?.nextOffset === 30);
  await send('ann', { amount: 3 });
  await committed(31);
  expect(await publishedIds()).toEqual([...before, '0:30:seen']);
});

test('what is not published when a processor stops waits in the outbox and the next owner publishes it', async () => {
  const append: EventLog['append'] = async (tenant, topic, records) => {
    if (topic === OUT) throw new AttuneError('LOG_UNAVAILABLE');
    return world.log.append(tenant, topic, records);
  };
  const first = await world.start(altered(world.log, { append }));
  await send('ann', { amount: 3 });
  await until(() => first.status()[0]?.nextOffset === 1);
  await world.stop(first);
  expect((await world.store.outbox(slot)).entries).toHaveLength(1);
  expect(await world.log.committed('ledger', IN, 0)).not.toBe(1);
  await world.start();
  await committed(1);
  expect(await publishedIds()).toEqual(['0:0:seen']);
  await until(async () => (await world.store.outbox(slot)).entries.length === 0);
});

test('what is due is in the log once a look that was asked for is over', async () => {
  const asleep = { elapsedMs: () => 0, sleep: () => new Promise<void>(() => undefined) }; // so that it never looks by itself after the first time
  const processor = new Processor(ledgerFold, { log: world.log, store: world.store, clock: world.clock, stopwatch: asleep });
  await processor.start();
  await send('ann', { amount: 11 });
  await until(async () => (await world.store.due(slot, Number.MAX_SAFE_INTEGER, 10)).length === 1);
  expect(await processor.look()).toBe(0);
  world.clock.pass(60_000);
  expect(await processor.look()).toBe(1);
  expect((await all(world.log, IN)).length).toBe(2);
  await until(async () => (await publishedIds()).some((id) => id?.endsWith(':woken')));
  await processor.stop(0);
  expect(await processor.look()).toBe(0);
});

test('what is due in a partition is appended together', async () => {
  const appended: number[] = [];
  const append: EventLog['append'] = (tenant, topic, records) => {
    if (topic === IN) appended.push(records.length);
    return world.log.append(tenant, topic, records);
  };
  const asleep = { elapsedMs: () => 0, sleep: () => new Promise<void>(() => undefined) };
  const processor = new Processor(ledgerFold, { log: altered(world.log, { append }), store: world.store, clock: world.clock, stopwatch: asleep });
  await processor.start();
  for (const key of ['ann', 'bea', 'cid']) await send(key, { amount: 11 });
  await until(async () => (await world.store.due(slot, Number.MAX_SAFE_INTEGER, 10)).length === 3);
  world.clock.pass(60_000);
  expect([await processor.look(), appended]).toEqual([3, [3]]);
  await processor.stop(0);
});

test('what is due is asked for once while its partition lags, whatever the others do', async () => {
  await world.log.ensureTopics([{ topic: 'two', partitions: 2 }]);
  const held = Promise.withResolvers<void>();
  const definition: typeof ledgerFold = {
    ...ledgerFold,
    topic: 'two',
    dueRecord: (key, dueAtMs) => ({ key: key.slice('default:ledger:'.length), value: body({ wake: dueAtMs, amount: 0, hold: true }) }),
    prepare: async (records) => {
      if (records.some(({ offset, partition }) => partition === 1 && offset > 0)) await held.promise;
    },
  };
  const processor = await world.start(world.log, definition);
  await world.log.append('default', 'two', [{ key: 'ann', value: body({ amount: 11 }), partition: 1 }]);
  await until(async () => (await world.store.due({ processor: 'ledger', partition: 1, partitions: 2 }, Number.MAX_SAFE_INTEGER, 10)).length === 1);
  world.clock.pass(60_000);
  for (let look = 0; look < 5; look++) await processor.look();
  expect(await all(world.log, 'two', 1)).toHaveLength(2);
  held.resolve();
});

test('what becomes due for the same time behind the record that was to wake it is asked for again', async () => {
  const asleep = { elapsedMs: () => 0, sleep: () => new Promise<void>(() => undefined) };
  const dueAtMs = world.clock.nowMs();
  const definition: typeof ledgerFold = {
    ...ledgerFold,
    fold: (state, { value }) => {
      state.wakeAtMs = new TextDecoder().decode(value).includes('"due"') ? 0 : dueAtMs;
      return state.wakeAtMs === 0 ? { emissions: [] } : { emissions: [], dueAtMs };
    },
  };
  const processor = new Processor(definition, { log: world.log, store: world.store, clock: world.clock, stopwatch: asleep });
  await processor.start();
  await processor.look();
  const waiting = (count: number) => until(async () => (await world.store.due(slot, dueAtMs, 10)).length === count);
  for (let time = 0; time < 2; time++) {
    await send('ann', { amount: 3 });
    await waiting(1);
    expect(await processor.look()).toBe(1);
    await waiting(0);
  }
  await processor.stop(0);
});

test('records whose emissions are large are committed in several steps, each of them once', async () => {
  const bytes = STEP_BYTES_MAX / 2;
  const definition: typeof ledgerFold = {
    ...ledgerFold,
    fold: (state, record, companion) => {
      const { emissions, ...rest } = ledgerFold.fold(state, record, companion);
      return { ...rest, emissions: emissions.map((emission) => ({ ...emission, value: new Uint8Array(bytes) })) };
    },
  };
  const sizes: number[] = [];
  const commit = world.store.commit.bind(world.store);
  world.store.commit = (at, expected, change) => {
    sizes.push(change.emissions.reduce((sum, { body: { length } }) => sum + length, 0));
    return commit(at, expected, change);
  };
  for (let i = 0; i < 10; i++) await send(`customer ${i % 7}`, { amount: 3 });
  await world.start(world.log, definition);
  await committed(10);
  expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(4 * bytes);
  expect(await publishedIds()).toEqual(Array.from({ length: 10 }, (_, offset) => `0:${offset}:seen`));
  expect((await ledgers('customer 0', 'customer 6')).map((state) => state?.count)).toEqual([2, 1]);
});
