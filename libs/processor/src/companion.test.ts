import type { LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { StateKey } from '@attune/state-store/port';
import { IN, type Ledger, ledgerFold, OUT, PARTITION_KEY } from '@attune/testing/simulation/ledger-fold';
import { expected } from '@attune/testing/simulation/oracle';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcessorDefinition } from './definition.ts';
import { all, ProcessorWorld, until } from './processor-world.ts';

const text = new TextEncoder();
const plain = new TextDecoder();

let world: ProcessorWorld<Ledger>;
beforeEach(async () => {
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
});
afterEach(() => world.end());

const slot = { processor: 'ledger', partition: 0, partitions: 1 };
const NAMES = ['ann', 'bea', 'cid', 'dan', PARTITION_KEY];

/** Appends records of many keys, of the partition itself among them; those at the places named cannot be folded. */
async function send(count: number, poisoned: readonly number[] = []): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => {
    const poison = poisoned.includes(i) ? { poison: true } : {};
    return { key: NAMES[(i * 7) % NAMES.length] ?? '', value: text.encode(JSON.stringify({ amount: (i * 13) % 29, ...poison })) };
  });
  await world.log.append('default', IN, records);
}

const committed = (offset: number) => until(async () => (await world.log.committed('ledger', IN, 0)) === offset);
const statesOf = async (names: readonly string[]) => {
  const { states } = await world.store.read(
    slot,
    names.map((name) => `default:ledger:${name}`),
  );
  return new Map(names.map((name, i) => [`default:ledger:${name}`, plain.decode(states[i])]));
};

/** Every state, the companion's too, and every emission must be those of the plain fold. */
async function expectThePlainFold(): Promise<void> {
  const { states, emissions } = expected(await all(world.log, IN));
  expect(await statesOf(NAMES)).toEqual(new Map(NAMES.map((name) => [`default:ledger:${name}`, states.get(`default:ledger:${name}`)])));
  const published = (await all(world.log, OUT)).map(({ headers, value }) => [headers['id'], plain.decode(value)]);
  expect(new Map(published as [string, string][])).toEqual(emissions);
  expect(published).toHaveLength(emissions.size);
}

test('a companion that folds of many keys edit is the plain fold after batches and after a restart', async () => {
  const first = await world.start();
  await send(40);
  await committed(40);
  await send(25);
  await committed(65);
  await world.stop(first);
  await send(30);
  await world.start();
  await committed(95);
  await expectThePlainFold();
});

test('nothing that a record set aside in the middle did stays in the companion', async () => {
  await send(40, [0, 18, 19, 39]);
  await world.start();
  await committed(40);
  expect([...(await world.store.skipped(slot)).keys()]).toEqual([0, 18, 19, 39]);
  await expectThePlainFold();
});

test('a companion is made anew where a commit meets a store that lost everything', async () => {
  const first = await world.start();
  await send(10);
  await committed(10);
  const commit = world.store.commit.bind(world.store);
  let lost = false;
  world.store.commit = async (at, before, change) => {
    if (!lost) await world.store.clear(slot);
    lost = true;
    return commit(at, before, change);
  };
  await send(30);
  await committed(40);
  expect(lost).toBe(true);
  await world.stop(first);
  await expectThePlainFold();
});

test('a companion that is only read is not written again, and still seen after a restart', async () => {
  const written: (readonly StateKey[])[] = [];
  const commit = world.store.commit.bind(world.store);
  world.store.commit = async (at, before, change) => {
    if (at.partition === 0 && change.states.size > 0) written.push([...change.states.keys()]);
    return commit(at, before, change);
  };
  const seen: number[] = [];
  const definition: ProcessorDefinition<Ledger> = {
    ...ledgerFold,
    editsCompanion: ({ key }) => key === 'cid',
    fold: (_state, record, companion) => {
      seen.push(companion.count);
      if (record.key === 'cid') companion.count++;
      return { emissions: [] };
    },
  };
  const amount = text.encode('{"amount":1}');
  const first = await world.start(world.log, definition);
  await world.log.append('default', IN, [{ key: 'cid', value: amount }]);
  await committed(1);
  await world.log.append('default', IN, [{ key: 'ann', value: amount }]);
  await committed(2);
  await world.stop(first);
  await world.start(world.log, definition);
  await world.log.append('default', IN, [{ key: 'bea', value: amount }]);
  await committed(3);
  expect(seen).toEqual([0, 1, 1]);
  expect(written.map((keys) => keys.toSorted())).toEqual([
    ['default:ledger:cid', `default:ledger:${PARTITION_KEY}`],
    ['default:ledger:ann'],
    ['default:ledger:bea'],
  ]);
});

test('prepare gets the records of a step in order and the states before them', async () => {
  await send(30);
  const prepared: LogRecord[] = [];
  const counts: (number | undefined)[] = [];
  const prepare = async (records: readonly LogRecord[], states: ReadonlyMap<StateKey, Ledger>): Promise<void> => {
    prepared.push(...records);
    counts.push(states.get(`default:ledger:${PARTITION_KEY}`)?.count);
  };
  await world.start(world.log, { ...ledgerFold, prepare });
  await committed(30);
  await world.log.append('default', IN, [{ key: 'ann', value: text.encode('{"amount":3}') }]);
  await committed(31);
  expect(prepared.map(({ offset }) => offset)).toEqual(Array.from({ length: 31 }, (_, i) => i));
  expect(counts).toEqual([0, 30]);
  await expectThePlainFold();
});

test.each(['prepare', 'fold'] as const)('a %s that lacks a key pauses the partition, and the records are folded once when it is there', async (place) => {
  await send(20);
  let refusals = 3;
  const needsKey = (): void => {
    if (refusals-- > 0) throw new AttuneError('KEY_UNAVAILABLE');
  };
  const definition: ProcessorDefinition<Ledger> = {
    ...ledgerFold,
    prepare: async () => {
      if (place === 'prepare') needsKey();
    },
    fold: (state, record, companion) => {
      const result = ledgerFold.fold(state, record, companion);
      if (place === 'fold' && record.offset === 7) needsKey();
      return result;
    },
  };
  await world.start(world.log, definition);
  await committed(20);
  expect(refusals).toBeLessThan(0);
  expect(await world.store.skipped(slot)).toEqual(new Map());
  expect(world.faults).toEqual([{ processor: 'ledger', partition: 0, code: 'KEY_UNAVAILABLE' }]);
  await expectThePlainFold();
});

test('a prepare that is refused for good stops the partition under that code until it succeeds', async () => {
  await send(20);
  let allowed = false;
  let tries = 0;
  const prepare = async (): Promise<void> => {
    tries++;
    if (!allowed) throw new AttuneError('TEMPLATE_INVALID');
  };
  const processor = await world.start(world.log, { ...ledgerFold, prepare });
  await until(() => processor.status()[0]?.stoppedBy !== undefined);
  for (const seen = new Set<string | undefined>(); tries < 4; await world.stopwatch.sleep(100)) {
    seen.add(processor.status()[0]?.stoppedBy);
    expect(seen).toEqual(new Set(['TEMPLATE_INVALID']));
  }
  expect(processor.status()).toEqual([{ partition: 0, nextOffset: 0, publishedUpTo: 0, stoppedBy: 'TEMPLATE_INVALID' }]);
  expect(world.faults).toEqual([{ processor: 'ledger', partition: 0, code: 'TEMPLATE_INVALID' }]);
  allowed = true;
  await committed(20);
  expect(processor.status()[0]?.stoppedBy).toBeUndefined();
  await expectThePlainFold();
});
