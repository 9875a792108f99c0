import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Consumption, EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Processor } from './processor.ts';
import { all, altered, ProcessorWorld, until } from './processor-world.ts';

const text = new TextEncoder();

let world: ProcessorWorld<Ledger>;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 2 })));
});
afterEach(() => world.end());

const send = (partition: number, key: string, amount = 3) =>
  world.log.append('default', IN, [{ key, partition, value: text.encode(JSON.stringify({ amount })) }]);
const committed = (partition: number, offset: number) => until(async () => (await world.log.committed('ledger', IN, partition)) === offset);

/** The log, but that it refuses for good what is written to `topic` under the key while `refuses()`. */
const refusing = (key: string, refuses: () => boolean): EventLog =>
  altered(world.log, {
    append: async (tenant, topic, records) => {
      if (topic === OUT && refuses() && records.some((record) => record.key === key)) throw new AttuneError('EVENT_TOO_LARGE');
      return world.log.append(tenant, topic, records);
    },
  });

test('an emission that the log refuses for good stops its partition under that code, and the other goes on', async () => {
  let refuses = true;
  const processor = await world.start(refusing('large', () => refuses));
  await send(0, 'large');
  await until(() => world.faults.length > 0);
  const folded = processor.status().find(({ partition }) => partition === 0)?.nextOffset;
  for (let i = 0; i < 5; i++) {
    await send(0, 'ann');
    await send(1, 'bea');
    await committed(1, i + 1);
    expect(processor.status().find(({ partition }) => partition === 0)).toMatchObject({ nextOffset: folded, stoppedBy: 'EVENT_TOO_LARGE' });
  }
  expect(processor.status().find(({ partition }) => partition === 1)?.stoppedBy).toBeUndefined();
  expect(world.faults).toEqual([{ processor: 'ledger', partition: 0, code: 'EVENT_TOO_LARGE' }]);
  refuses = false;
  await committed(0, 6);
  expect(processor.status().map(({ stoppedBy }) => stoppedBy)).toEqual([undefined, undefined]);
  const ids = await Promise.all([0, 1].map(async (partition) => (await all(world.log, OUT, partition)).map(({ headers }) => headers['id'])));
  expect(ids.flat().toSorted()).toEqual([...Array.from({ length: 6 }, (_, i) => `0:${i}:seen`), ...Array.from({ length: 5 }, (_, i) => `1:${i}:seen`)]);
});

test('a log that is away is told of once, and again only after it was back', async () => {
  let away = true;
  const append: EventLog['append'] = async (tenant, topic, records) => {
    if (topic === OUT && away) throw new AttuneError('LOG_UNAVAILABLE');
    return world.log.append(tenant, topic, records);
  };
  await world.start(altered(world.log, { append }));
  const told = { processor: 'ledger', partition: 0, code: 'LOG_UNAVAILABLE' };
  await send(0, 'ann');
  await until(() => world.stopwatch.elapsedMs() > 60_000);
  expect(world.faults).toEqual([told]);
  away = false;
  await committed(0, 1);
  away = true;
  await send(0, 'ann');
  await until(() => world.faults.length > 1);
  expect(world.faults).toEqual([told, told]);
  away = false;
  await committed(0, 2);
});

test('a consumer that ended for good shows in the status of every partition', async () => {
  const end = Promise.withResolvers<void>();
  const consume: EventLog['consume'] = async (options) => {
    const consumption = await world.log.consume(options);
    return { ...handedOn(consumption), ended: end.promise };
  };
  const processor = await world.start(altered(world.log, { consume }));
  await send(0, 'ann');
  await send(1, 'bea');
  await until(() => processor.status().length === 2);
  expect(processor.endedBy).toBeUndefined();
  end.reject(new AttuneError('LOG_UNAVAILABLE'));
  await until(() => processor.endedBy !== undefined);
  expect(processor.endedBy).toBe('LOG_UNAVAILABLE');
  expect(processor.status().map(({ stoppedBy }) => stoppedBy)).toEqual(['LOG_UNAVAILABLE', 'LOG_UNAVAILABLE']);
  expect(world.faults).toEqual([{ processor: 'ledger', partition: undefined, code: 'LOG_UNAVAILABLE' }]);
});

test('partitions that went to another member are no longer in the status', async () => {
  const first = await world.start();
  await until(() => first.status().length === 2);
  const second = await world.start();
  await until(() => second.status().length === 1);
  expect(first.status().map(({ partition }) => partition)).toEqual([0]);
});

test('whatever listens to faults may throw, and the partition goes on', async () => {
  let refuses = true;
  const log = refusing('large', () => refuses);
  const onFault = (): never => {
    throw new Error('a listener that throws');
  };
  const { store, clock, stopwatch } = world;
  const processor = new Processor(ledgerFold, { log, store, clock, stopwatch }, { onFault });
  await processor.start();
  await send(0, 'large');
  await until(() => processor.status()[0]?.stoppedBy !== undefined);
  refuses = false;
  await committed(0, 1);
  await processor.stop(1_000);
});

/** The store, noting the name of each call, `due` not answered before `answer` has. */
const watched = (asked: string[], answer: Promise<void>) =>
  new Proxy(world.store, {
    get: (target, name: 'read' | 'due') => {
      asked.push(name);
      const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return name === 'due' ? (...args: unknown[]) => answer.then(() => call(...args)) : call;
    },
  });

test('a stop ends the sleep of an idle processor, and nothing asks the store after it', async () => {
  const asked: string[] = [];
  let wake: (() => void) | undefined;
  const stopwatch = { elapsedMs: () => 0, sleep: () => new Promise<void>((resolve) => (wake = resolve)) };
  const processor = new Processor(ledgerFold, { log: world.log, store: watched(asked, Promise.resolve()), clock: world.clock, stopwatch });
  await processor.start();
  await until(() => wake !== undefined);
  expect(asked).toContain('due');
  await processor.stop(0);
  asked.length = 0;
  wake?.();
  await nextTurn();
  expect(asked).toEqual([]);
});

test('a stop waits for the look that is under way, and the look ends with it', async () => {
  const asked: string[] = [];
  const answer = Promise.withResolvers<void>();
  const { log, clock, stopwatch } = world;
  const processor = new Processor(ledgerFold, { log, store: watched(asked, answer.promise), clock, stopwatch });
  await processor.start();
  await until(() => asked.includes('due'));
  let stopped = false;
  const stopping = processor.stop(0).then(() => {
    stopped = true;
  });
  await nextTurn();
  expect(stopped).toBe(false);
  answer.resolve();
  await stopping;
  expect(asked.filter((name) => name === 'due')).toHaveLength(1);
});

test('a processor that is stopped while it starts leaves the group again', async () => {
  const answer = Promise.withResolvers<void>();
  const consumptions: Consumption[] = [];
  const consume: EventLog['consume'] = async (options) => {
    await answer.promise;
    const consumption = await world.log.consume(options);
    consumptions.push(consumption);
    return consumption;
  };
  const { store, clock, stopwatch } = world;
  const processor = new Processor(ledgerFold, { log: altered(world.log, { consume }), store, clock, stopwatch });
  const starting = processor.start();
  await processor.stop(0);
  answer.resolve();
  await starting;
  expect(consumptions.map((consumption) => consumption.assignment().partitions)).toEqual([[]]);
});

/** The promises of a consumption, as plain functions. */
const handedOn = (consumption: Consumption): Consumption => ({
  assignment: () => consumption.assignment(),
  seek: (partition, offset) => consumption.seek(partition, offset),
  commit: (offsets) => consumption.commit(offsets),
  stop: (graceMs) => consumption.stop(graceMs),
  ended: consumption.ended,
});
