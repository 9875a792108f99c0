import { randomBytes } from 'node:crypto';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import type { NewRecord } from '@attune/event-log/port';
import { profilesDefinition } from '@attune/feature-store/composition';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { Processor } from '@attune/processor/processor';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { namespacedStore } from '@attune/state-store/namespaced';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { Redis } from 'ioredis';
import { childCpuS } from './child-cpu.ts';
import { counterEvents, countersRecord } from './counter-activity.ts';
import { type Cost, countFrom, type Env, kilo, median, startCost, until } from './measure.ts';
import { runProfileFloor } from './profile-floor.ts';
import { cleanUp, withServers } from './servers.ts';
import { shopConfigurations, TENANT } from './shop-activity.ts';
import { buildStreamsPeer, runStreams } from './streams-peer.ts';
import { printTable } from './table.ts';

const APPENDED_AT_ONCE = 2_000;
const WITHIN_MS = 180_000;
const STOP_GRACE_MS = 2_000;
const PUBLISHED = ['attune.profiles.v1', 'attune.events.rejected.v1'];

type Definition = ProcessorDefinition<unknown>;

interface Bench {
  readonly brokers: string;
  readonly redisUrl: string;
  readonly namespace: string;
  readonly partitions: number;
  readonly records: number;
  /** So many of them are not measured. */
  readonly warm: number;
}

/** What a run took: its own process, and Kafka and Redis meanwhile, in s of processor time. */
interface Taken extends Cost {
  readonly brokerS: number;
  readonly redisS: number;
}

/**
 * 24 windowed counters a profile, from Kafka: Attune's own fold into Redis, beside Kafka Streams (`exactly_once_v2`, RocksDB, a changelog) and beside a bare
 * consumer that parses and does one SET a profile. In turns, after a turn that does not count; of each turn of Attune and Streams the first third warms it.
 */
export async function besideStreams(env: Env): Promise<void> {
  const [rounds, events, profiles] = [countFrom(env, 'BENCH_ROUNDS', 3), countFrom(env, 'BENCH_EVENTS', 200_000), countFrom(env, 'BENCH_KEYS', 50_000)];
  const partitions = countFrom(env, 'BENCH_PARTITIONS', 8);
  await buildStreamsPeer();
  await withServers(env, async (servers) => {
    const bench = { ...servers, namespace: `bench-${randomBytes(5).toString('hex')}`, partitions, records: events, warm: Math.floor(events / 3) };
    try {
      await fill(bench, profiles);
      await measure(bench, { rounds, profiles });
    } finally {
      await cleanUp(servers, bench.namespace);
    }
  });
}

const jsonTopic = ({ namespace }: Bench): string => `${namespace}.events-json`;

async function fill(bench: Bench, profiles: number): Promise<void> {
  const kafka = new KafkaEventLog({ brokers: bench.brokers.split(',') });
  const log = namespacedLog(kafka, bench.namespace);
  const topics = ['attune.activity.v1', ...PUBLISHED, 'events-json'];
  await log.ensureTopics(topics.map((topic) => ({ topic, partitions: bench.partitions })));
  const all = counterEvents(bench.records, profiles);
  const append = async (topic: string, records: readonly NewRecord[]): Promise<void> => {
    for (let from = 0; from < records.length; from += APPENDED_AT_ONCE) await log.append(TENANT, topic, records.slice(from, from + APPENDED_AT_ONCE));
  };
  await append(
    'attune.activity.v1',
    Array.from({ length: bench.partitions }, (_, partition) => countersRecord(partition)),
  );
  await append(
    'attune.activity.v1',
    all.map(({ activity }) => activity),
  );
  await append(
    'events-json',
    all.map(({ json }) => json),
  );
  await kafka.close();
}

async function measure(bench: Bench, { rounds, profiles }: { readonly rounds: number; readonly profiles: number }): Promise<void> {
  const redis = new Redis(bench.redisUrl);
  const taken: Record<'floor' | 'attune' | 'streams', Taken[]> = { floor: [], attune: [], streams: [] };
  const floorRecords = bench.records + bench.partitions;
  const floor = (name: string) =>
    runProfileFloor({ ...bench, redis, topic: `${bench.namespace}.attune.activity.v1`, records: floorRecords, bytes: 400, name: `${bench.namespace}.${name}` });
  for (let round = 0; round <= rounds; round++) {
    const turn = {
      floor: await beside(redis, () => floor(`floor-${round}`)),
      attune: await beside(redis, () => runAttune(bench, `attune-${round}`)),
      streams: await beside(redis, () => runStreams({ ...bench, topic: jsonTopic(bench), name: `${bench.namespace}.streams-${round}` })),
    };
    if (round > 0) for (const [name, one] of Object.entries(turn)) taken[name as keyof typeof taken].push(one);
  }
  redis.disconnect();
  console.log(
    `24 windowed counters, ${bench.records} events of ${profiles} profiles, ${bench.partitions} partitions, median of ${rounds} alternated rounds; ${bench.warm} events warm each:`,
  );
  report(bench, { floor: middle(taken.floor), attune: middle(taken.attune), streams: middle(taken.streams) });
}

/** Kafka's and Redis' processor time is that of the whole turn, with what warms. */
async function beside(redis: Redis, run: () => Promise<Cost>): Promise<Taken> {
  const before = [childCpuS('kafka.Kafka'), await redisCpuS(redis)];
  const cost = await run();
  const [brokerS, redisS] = [childCpuS('kafka.Kafka') - (before[0] ?? 0), (await redisCpuS(redis)) - (before[1] ?? 0)];
  return { ...cost, brokerS, redisS };
}

async function redisCpuS(redis: Redis): Promise<number> {
  const told = await redis.info('cpu');
  const of = (name: string): number => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(told)?.[1]);
  return of('used_cpu_user') + of('used_cpu_sys');
}

async function runAttune(bench: Bench, name: string): Promise<Cost> {
  const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  const kafka = new KafkaEventLog({ brokers: bench.brokers.split(',') });
  const redis = new RedisStateStore({ url: bench.redisUrl });
  await redis.connected();
  const [log, store] = [namespacedLog(kafka, bench.namespace), namespacedStore(redis, bench.namespace)];
  const definition = profilesDefinition(new KeyRing(keys, systemStopwatch), shopConfigurations()) as Definition;
  let [seen, cost] = [0, startCost()];
  const timed: Definition = {
    ...definition,
    name,
    keyOf(record) {
      if (seen++ === bench.warm) cost = startCost();
      return definition.keyOf(record);
    },
  };
  const processor = new Processor(timed, { log, store, clock: systemClock, stopwatch: systemStopwatch });
  await processor.start();
  const all = bench.records + bench.partitions;
  const reached = (): number => processor.status().reduce((sum, { nextOffset, publishedUpTo = 0 }) => sum + Math.min(nextOffset, publishedUpTo), 0);
  await until(async () => (reached() >= all ? true : undefined), { withinMs: WITHIN_MS, everyMs: 5, what: 'the fold' });
  const answer = cost();
  await processor.stop(STOP_GRACE_MS);
  for (let partition = 0; partition < bench.partitions; partition++) await store.clear(processor.slotOf(partition));
  await Promise.all([kafka.close(), redis.close()]);
  return answer;
}

function middle(all: readonly Taken[]): Taken {
  const of = (part: keyof Taken): number => median(all.map((one) => one[part]));
  return { cpuS: of('cpuS'), wallS: of('wallS'), brokerS: of('brokerS'), redisS: of('redisS') };
}

function report({ records, warm }: Bench, { floor, attune, streams }: Readonly<Record<'floor' | 'attune' | 'streams', Taken>>): void {
  const measured = records - warm;
  const ownUs = (one: Taken, count: number): number => (1e6 * one.cpuS) / count;
  const allUs = (one: Taken, count: number): number => ownUs(one, count) + (1e6 * (one.brokerS + one.redisS)) / records;
  const row = (name: string, one: Taken, count: number): string[] => [
    name,
    kilo(count, one.cpuS),
    kilo(count, one.wallS),
    ...[ownUs(one, count), (1e6 * one.brokerS) / records, (1e6 * one.redisS) / records].map((us) => us.toFixed(1)),
    (ownUs(streams, measured) / ownUs(one, count)).toFixed(2),
    (allUs(streams, measured) / allUs(one, count)).toFixed(2),
    (ownUs(floor, records) / ownUs(one, count)).toFixed(2),
  ];
  printTable(
    ['what', 'per CPU-s', 'per s', 'CPU µs each', 'broker µs', 'Redis µs', 'of Streams', 'all processes', 'of the floor'],
    [row('floor: parse and SET', floor, records), row('Attune, profiles', attune, measured), row('Kafka Streams', streams, measured)],
  );
}
