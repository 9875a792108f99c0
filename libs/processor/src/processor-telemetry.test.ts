import { AttuneError } from '@attune/kernel/errors';
import { joined } from '@attune/runtime/telemetry/open-telemetry';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Processor } from './processor.ts';
import { altered, ProcessorWorld, until } from './processor-world.ts';

let world: ProcessorWorld<Ledger>;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
});
afterEach(() => world.end());

const send = (amount: number) => world.log.append('default', IN, [{ key: 'ann', value: Buffer.from(JSON.stringify({ amount })) }]);

/** Folds all that lies in the log up to `offset`; answers what was told of it. */
async function toldAfter(offset: number, refusals = 0): Promise<string> {
  let left = refusals;
  const log = altered(world.log, {
    append: async (tenant, topic, records) => {
      if (topic === OUT && left-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
      return world.log.append(tenant, topic, records);
    },
  });
  const { store, clock, stopwatch } = world;
  const telemetry = joined([]);
  const processor = new Processor(ledgerFold, { log, store, clock, stopwatch }, { telemetry });
  await processor.start();
  await until(async () => (await world.log.committed('ledger', IN, 0)) === offset && processor.status()[0]?.nextOffset === offset);
  const text = await telemetry.text();
  await processor.stop(1_000);
  await telemetry.close();
  return text;
}

test('each append that the log did not take is counted by its code', async () => {
  await send(3);
  expect(await toldAfter(1, 2)).toContain('attune_processor_publish_refused_total{processor="ledger",code="LOG_UNAVAILABLE"} 2\n');
});

test('how late a record is folded is told, but not of what a rebuild folds again', async () => {
  await send(3);
  world.clock.pass(2_000);
  const told = await toldAfter(1);
  expect(told).toContain('attune_processor_delay_seconds_sum{processor="ledger"} 2\n');
  expect(told).toContain('attune_processor_lag_records{processor="ledger",partition="0"} 0\n');
  world.clock.pass(3_600_000);
  await world.store.clear({ processor: 'ledger', partition: 0, partitions: 1 });
  const again = await toldAfter(1);
  expect(again).toContain('attune_processor_folded_total{processor="ledger"} 1\n');
  expect(again).not.toContain('attune_processor_delay_seconds_sum');
});
