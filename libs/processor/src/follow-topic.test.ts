import type { Consumption } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { silent } from '@attune/runtime/telemetry/port';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followTopic } from './follow-topic.ts';
import { altered, ProcessorWorld, until } from './processor-world.ts';

const TOPIC = 'followed';
let world: ProcessorWorld<unknown>;
beforeEach(async () => {
  world = new ProcessorWorld({
    name: 'none',
    topic: TOPIC,
    keyOf: ({ key }) => key,
    empty: () => ({}),
    encode: () => undefined,
    decode: () => ({}),
    fold: () => ({ emissions: [] }),
  });
  await world.log.ensureTopics([{ topic: TOPIC, partitions: 1 }]);
});
afterEach(() => world.end());

test('a place whose commit failed is committed although no further record comes', async () => {
  let failures = 2;
  const failing = (inner: Consumption): Consumption => ({
    assignment: () => inner.assignment(),
    seek: (partition, offset) => inner.seek(partition, offset),
    commit: async (offsets) => {
      if (failures-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
      return inner.commit(offsets);
    },
    stop: (graceMs) => inner.stop(graceMs),
    ended: inner.ended,
  });
  const log = altered(world.log, { consume: async (options) => failing(await world.log.consume(options)) });
  let handled = 0;
  const onBatch = async ({ records }: { records: readonly { offset: number }[] }) => {
    handled += records.length;
    return { kind: 'next' as const, offset: (records.at(-1)?.offset ?? -1) + 1 };
  };
  const following = await followTopic({ log, clock: world.clock, telemetry: silent, topic: TOPIC, group: 'followers', onBatch });
  await world.log.append('default', TOPIC, [{ key: 'ann', value: new Uint8Array([1]) }]);
  await until(async () => (await world.log.committed('followers', TOPIC, 0)) === 1);
  expect([handled, failures]).toEqual([1, -1]);
  await following.stop(0);
});
