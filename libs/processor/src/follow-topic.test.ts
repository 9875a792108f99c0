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

/** A follower of the topic that notes which offsets it was given, and the commits that were asked for. */
async function aFollower({ commitWithinMs, commit }: { commitWithinMs?: number; commit?: (inner: Consumption) => Consumption['commit'] } = {}) {
  const [handled, commits]: [number[], (readonly [number, number])[]] = [[], []];
  const noting = (inner: Consumption): Consumption => ({
    assignment: () => inner.assignment(),
    seek: (partition, offset) => inner.seek(partition, offset),
    commit: async (offsets) => {
      commits.push(...offsets);
      return (commit?.(inner) ?? inner.commit.bind(inner))(offsets);
    },
    stop: (graceMs) => inner.stop(graceMs),
    ended: inner.ended,
  });
  const log = altered(world.log, { consume: async (options) => noting(await world.log.consume(options)) });
  const onBatch = async ({ records }: { records: readonly { offset: number }[] }) => {
    handled.push(...records.map(({ offset }) => offset));
    return { kind: 'next' as const, offset: (records.at(-1)?.offset ?? -1) + 1 };
  };
  const ports = { log, clock: world.clock, telemetry: silent, topic: TOPIC, group: 'followers', onBatch };
  const following = await followTopic({ ...ports, ...(commitWithinMs !== undefined && { commitWithinMs }) });
  return { following, handled, commits };
}

const append = () => world.log.append('default', TOPIC, [{ key: 'ann', value: new Uint8Array([1]) }]);

test('the next record is handled while the commit of the one before hangs, and their places go together', async () => {
  const hanging = Promise.withResolvers<void>();
  let first = true;
  const commit =
    (inner: Consumption): Consumption['commit'] =>
    async (offsets) => {
      if (first) {
        first = false;
        await hanging.promise;
      }
      return inner.commit(offsets);
    };
  const { following, handled, commits } = await aFollower({ commitWithinMs: 0, commit });
  for (let n = 1; n <= 3; n++) {
    await append();
    await until(() => handled.length === n);
  }
  expect(commits).toEqual([[0, 1]]);
  hanging.resolve();
  await until(async () => (await world.log.committed('followers', TOPIC, 0)) === 3);
  expect(commits).toEqual([
    [0, 1],
    [0, 3],
  ]);
  await following.stop(0);
});

test('a follower that stops commits what it has done before it leaves', async () => {
  const { following, handled } = await aFollower({ commitWithinMs: 3_600_000 });
  await append();
  await until(() => handled.length === 1);
  await following.stop(1_000);
  expect(await world.log.committed('followers', TOPIC, 0)).toBe(1);
});

test('a place whose commit failed is committed although no further record comes', async () => {
  let failures = 2;
  const commit =
    (inner: Consumption): Consumption['commit'] =>
    async (offsets) => {
      if (failures-- > 0) throw new AttuneError('LOG_UNAVAILABLE');
      return inner.commit(offsets);
    };
  const { following, handled } = await aFollower({ commit });
  await append();
  await until(async () => (await world.log.committed('followers', TOPIC, 0)) === 1);
  expect([handled, failures]).toEqual([[0], -1]);
  await following.stop(0);
});
