import type { EventLog } from '@attune/event-log/port';
import type { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Processor } from './processor.ts';
import { altered, ProcessorWorld, until } from './processor-world.ts';

const value = new TextEncoder().encode(JSON.stringify({ amount: 3 }));
const PARTITIONS = 2;

let world: ProcessorWorld<Ledger>;
let another: SqliteEventLog;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  another = world.newLog();
  for (const log of [world.log, another]) await log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: PARTITIONS })));
  await send(world.log, 0, 3);
  const processor = await world.start();
  await until(() => statusOf(processor, 0)?.publishedUpTo === 3);
  await world.stop(processor);
});
afterEach(async () => {
  await world.end();
  await another.close();
});

const statusOf = (processor: Processor<Ledger>, partition: number) => processor.status().find((status) => status.partition === partition);

async function send(log: EventLog, partition: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await log.append('default', IN, [{ key: 'ann', value, partition }]);
}

/** A log that was made again under the id of the first. */
const madeAgain = async (): Promise<EventLog> => {
  const identity = await world.log.identity(IN);
  return altered(another, { identity: async () => identity });
};

/** Why partition 0 stops on this log. */
async function reasonOn(log: EventLog): Promise<string | undefined> {
  const processor = await world.start(log);
  await until(() => statusOf(processor, 0)?.stoppedBy !== undefined);
  const reason = statusOf(processor, 0)?.stoppedBy;
  await world.stop(processor);
  return reason;
}

test('a log with another id is refused at the start', async () => {
  await send(another, 0, 3);
  await expect(world.start(another)).rejects.toMatchObject({ code: 'LOG_IDENTITY_CHANGED' });
});

test('a log with another number of partitions is refused at the start', async () => {
  const identity = await world.log.identity(IN);
  const grown = altered(world.log, { identity: async () => ({ ...identity, partitions: identity.partitions + 1 }) });
  await expect(world.start(grown)).rejects.toMatchObject({ code: 'LOG_IDENTITY_CHANGED' });
});

test('a log that ends below the watermark stops the partition', async () => {
  await send(another, 0, 2);
  expect(await reasonOn(await madeAgain())).toBe('LOG_END_BELOW_WATERMARK');
});

test('a log that was deleted and made again with as many records stops the partition', async () => {
  world.clock.pass(1);
  await send(another, 0, 3);
  expect(await reasonOn(await madeAgain())).toBe('LOG_REPLACED');
});

test('a log that no longer holds the next record stops the partition', async () => {
  const bounds = async () => ({ startOffset: 4, endOffset: 9 });
  expect(await reasonOn(altered(world.log, { bounds }))).toBe('LOG_START_ABOVE_WATERMARK');
});

test('the other partitions go on while one is stopped, and it goes on itself once the log is mended', async () => {
  let cut = true;
  const bounds: EventLog['bounds'] = async (topic, partition) =>
    partition === 0 && cut ? { startOffset: 4, endOffset: 9 } : await world.log.bounds(topic, partition);
  const processor = await world.start(altered(world.log, { bounds }));
  await until(() => statusOf(processor, 0)?.stoppedBy === 'LOG_START_ABOVE_WATERMARK');
  await send(world.log, 0, 1);
  await send(world.log, 1, 2);
  await until(() => statusOf(processor, 1)?.publishedUpTo === 2);
  expect(statusOf(processor, 0)?.stoppedBy).toBe('LOG_START_ABOVE_WATERMARK');
  cut = false;
  await until(() => statusOf(processor, 0)?.publishedUpTo === 4);
  expect(statusOf(processor, 0)?.stoppedBy).toBeUndefined();
});
