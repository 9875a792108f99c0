import { keptSpans } from '@attune/runtime/telemetry/kept-spans.fixture';
import { silent, type Traces } from '@attune/runtime/telemetry/port';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Processor } from './processor.ts';
import { all, ProcessorWorld, until } from './processor-world.ts';
import { tracedLog } from './traced-log.ts';

const CAUSE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const slot = { processor: 'ledger', partition: 0, partitions: 1 };

let world: ProcessorWorld<Ledger>;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
});
afterEach(() => world.end());

const send = (fields: object, headers: Readonly<Record<string, string>> = {}) =>
  world.log.append('default', IN, [{ key: 'ann', value: Buffer.from(JSON.stringify(fields)), headers }]);
const traced = { traceparent: CAUSE };
const emitted = async () => (await all(world.log, OUT)).map(({ headers }) => headers['traceparent']);
const stateBytes = async () => (await world.store.read(slot, ['default:ledger:ann'])).states;

/** Folds all that lies in the log up to `offset`, then stops. */
async function foldedUpTo(offset: number, traces?: Traces): Promise<void> {
  const { store, clock, stopwatch } = world;
  const telemetry = traces ? { ...silent, ...traces } : silent;
  const processor = new Processor(ledgerFold, { log: tracedLog(world.log, telemetry), store, clock, stopwatch }, { telemetry });
  await processor.start();
  await until(async () => (await world.log.committed('ledger', IN, 0)) === offset && processor.status()[0]?.nextOffset === offset);
  await processor.stop(1_000);
}

test('what a traced record causes carries the span of its fold; other records carry none', async () => {
  const { traces, spans } = keptSpans();
  await send({ amount: 3 }, traced);
  await send({ amount: 6 });
  await foldedUpTo(2, traces);
  expect(spans()).toMatchObject([
    { name: 'record fold', parent: CAUSE.slice(36, 52), attributes: { 'attune.processor': 'ledger', 'attune.place': `${IN}/0/0` } },
  ]);
  expect(await emitted()).toEqual([spans()[0]?.traceparent, undefined]);
});

test('a process without a collector passes on what records carry', async () => {
  await send({ amount: 3 }, traced);
  await send({ amount: 6 });
  await foldedUpTo(2);
  expect(await emitted()).toEqual([CAUSE, undefined]);
});

test('a record that is set aside ends its span with the code, and its rejection carries it', async () => {
  const { traces, spans } = keptSpans();
  await send({ amount: 3, poison: true }, traced);
  await foldedUpTo(1, traces);
  expect(spans()).toMatchObject([{ name: 'record fold', attributes: { 'attune.code': 'RECORD_SKIPPED' } }]);
  expect(await emitted()).toEqual([spans()[0]?.traceparent]);
});

test('a rebuild traces nothing again, and the states are the same bytes with traces and without', async () => {
  for (let i = 1; i <= 9; i++) await send({ amount: i, poison: i === 5 }, i % 2 === 0 ? {} : traced);
  const first = keptSpans();
  await foldedUpTo(9, first.traces);
  const before = await stateBytes();
  const published = await emitted();
  expect(before[0]).toBeDefined();
  for (const again of [keptSpans(), undefined]) {
    await world.store.clear(slot);
    await foldedUpTo(9, again?.traces);
    expect(await stateBytes()).toEqual(before);
    expect(again?.spans() ?? []).toEqual([]);
  }
  expect(await emitted()).toEqual(published);
});

test('what is appended within a span carries it, and whoever handles it in the same process runs in none', async () => {
  const { traces, spans } = keptSpans();
  const log = tracedLog(world.log, traces);
  const seen: unknown[] = [];
  const onBatch = async ({ records }: { readonly records: readonly { readonly offset: number }[] }) => {
    seen.push(traces.current() ?? 'none');
    return { kind: 'next', offset: (records.at(-1)?.offset ?? 0) + 1 } as const;
  };
  const consumption = await log.consume({ topic: IN, group: 'g', handler: { onBatch } });
  await traces.within('door publish', { root: true }, () => log.append('default', IN, [{ key: 'ann', value: new Uint8Array(1) }]));
  await until(() => seen.length > 0);
  await consumption.stop(0);
  expect(seen).toEqual(['none']);
  expect((await all(world.log, IN))[0]?.headers).toEqual({ traceparent: spans()[0]?.traceparent });
  expect(tracedLog(world.log, silent)).toBe(world.log);
});
