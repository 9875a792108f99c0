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
import { type Share, shareLine, startProfile } from './cpu-profile.ts';
import { type Cost, countFrom, type Env, kilo, median, startCost, until } from './measure.ts';
import { runProfileFloor } from './profile-floor.ts';
import { asFetched, type FoldCost, foldInMemory } from './profile-fold.ts';
import { cleanUp, withServers } from './servers.ts';
import { configurationRecord, shopConfigurations, TENANT, yearOf } from './shop-activity.ts';
import { printTable } from './table.ts';

const APPENDED_AT_ONCE = 500;
const WITHIN_MS = 120_000;
const STOP_GRACE_MS = 2_000;
const PUBLISHED = ['attune.profiles.v1', 'attune.events.rejected.v1'];
const GROWTH = [1, 2, 10];

type Definition = ReturnType<typeof profilesDefinition>;

interface Bench {
  readonly brokers: string;
  readonly redisUrl: string;
  readonly namespace: string;
  readonly partitions: number;
  /** In the topic, one configuration a partition among them. */
  readonly records: number;
  readonly definition: Definition;
}

/**
 * Activity → committed profile of the example shop, as the feature store folds it on Kafka and Redis, beside a bare consumer that parses the same records and
 * does one SET of as many bytes a profile. In turns, after one turn that does not count. The fold's own cost is taken in memory, apart.
 */
export async function profilesOnRedis(env: Env): Promise<void> {
  const rounds = countFrom(env, 'BENCH_ROUNDS', 4);
  const [profiles, each, partitions] = [countFrom(env, 'BENCH_KEYS', 4_000), countFrom(env, 'BENCH_EACH', 6), countFrom(env, 'BENCH_PARTITIONS', 8)];
  const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  const ring = new KeyRing(keys, systemStopwatch);
  const configurations = shopConfigurations();
  const definition = profilesDefinition(ring, configurations);
  const year = await yearOf(ring, { profiles, records: each });
  await withServers(env, async (servers) => {
    const bench = { ...servers, namespace: `bench-${randomBytes(5).toString('hex')}`, partitions, records: year.length + partitions, definition };
    try {
      await fill(bench, [...Array.from({ length: partitions }, (_, partition) => configurationRecord(configurations, partition)), ...year]);
      const memory = memoryFold(definition, [configurationRecord(configurations, 0), ...year], rounds);
      await measure(bench, { rounds, profiles, memory });
    } finally {
      await cleanUp(servers, bench.namespace);
    }
  });
  for (const times of GROWTH) await grown(ring, definition, { times, profiles: Math.ceil(profiles / 10), records: each });
}

async function fill({ brokers, namespace, partitions, definition }: Bench, records: readonly NewRecord[]): Promise<void> {
  const kafka = new KafkaEventLog({ brokers: brokers.split(',') });
  const log = namespacedLog(kafka, namespace);
  await log.ensureTopics([definition.topic, ...PUBLISHED].map((topic) => ({ topic, partitions })));
  for (let from = 0; from < records.length; from += APPENDED_AT_ONCE) await log.append(TENANT, definition.topic, records.slice(from, from + APPENDED_AT_ONCE));
  await kafka.close();
}

/** The middle of several folds of the same records in memory, after one that does not count. */
function memoryFold(definition: Definition, records: readonly NewRecord[], rounds: number): FoldCost {
  const fetched = asFetched(records, definition.topic);
  const costs = Array.from({ length: rounds + 1 }, () => foldInMemory(definition, fetched)).slice(1);
  const middle = (of: (cost: FoldCost) => number): number => median(costs.map(of));
  return { foldS: middle(({ foldS }) => foldS), encodeS: middle(({ encodeS }) => encodeS), stateBytes: costs[0]?.stateBytes ?? 0 };
}

interface Measuring {
  readonly rounds: number;
  readonly profiles: number;
  readonly memory: FoldCost;
}

async function measure(bench: Bench, { rounds, profiles, memory }: Measuring): Promise<void> {
  const { brokers, namespace, records, definition } = bench;
  const bytes = Math.round(memory.stateBytes);
  const redis = new Redis(bench.redisUrl);
  const silent: Definition = { ...definition, fold: (...args) => ({ ...definition.fold(...args), emissions: [] }) };
  const costs: Record<'floor' | 'silent' | 'whole', Cost[]> = { floor: [], silent: [], whole: [] };
  let shares: readonly Share[] = [];
  for (let round = 0; round <= rounds; round++) {
    const floor = await runProfileFloor({ brokers, redis, topic: `${namespace}.${definition.topic}`, records, bytes, name: `${namespace}.floor-${round}` });
    const ofSilent = await runProcessor(bench, { ...silent, name: `silent-${round}` });
    const ofWhole = await runProcessor(bench, { ...definition, name: `whole-${round}` });
    if (round > 0) for (const [name, cost] of Object.entries({ floor, silent: ofSilent, whole: ofWhole })) costs[name as keyof typeof costs].push(cost);
  }
  const profiled = await startProfile();
  await runProcessor(bench, { ...definition, name: 'profiled' });
  shares = await profiled();
  redis.disconnect();
  console.log(
    `activity → profile in Redis, ${records} records (${profiles} profiles of ${bytes} B), ${bench.partitions} partitions, median of ${rounds} alternated rounds:`,
  );
  report(records, { floor: middle(costs.floor), silent: middle(costs.silent), whole: middle(costs.whole), memory });
  console.log(`where the time of the whole goes: ${shareLine(shares)}`);
}

async function runProcessor(bench: Bench, definition: Definition): Promise<Cost> {
  const kafka = new KafkaEventLog({ brokers: bench.brokers.split(',') });
  const redis = new RedisStateStore({ url: bench.redisUrl });
  await redis.connected();
  const [log, store] = [namespacedLog(kafka, bench.namespace), namespacedStore(redis, bench.namespace)];
  let cost: (() => Cost) | undefined;
  const timed: ProcessorDefinition<unknown> = {
    ...definition,
    keyOf: (record) => {
      cost ??= startCost();
      return definition.keyOf(record);
    },
  } as ProcessorDefinition<unknown>;
  const processor = new Processor(timed, { log, store, clock: systemClock, stopwatch: systemStopwatch });
  await processor.start();
  const reached = (): number => processor.status().reduce((sum, { nextOffset, publishedUpTo = 0 }) => sum + Math.min(nextOffset, publishedUpTo), 0);
  await until(async () => (reached() >= bench.records ? true : undefined), { withinMs: WITHIN_MS, everyMs: 5, what: 'the fold' });
  const answer = cost?.();
  await processor.stop(STOP_GRACE_MS);
  for (let partition = 0; partition < bench.partitions; partition++) await store.clear(processor.slotOf(partition));
  await Promise.all([kafka.close(), redis.close()]);
  if (answer === undefined) throw new Error('nothing was folded');
  return answer;
}

const middle = (costs: readonly Cost[]): Cost => ({ cpuS: median(costs.map(({ cpuS }) => cpuS)), wallS: median(costs.map(({ wallS }) => wallS)) });

interface Report {
  readonly floor: Cost;
  readonly silent: Cost;
  readonly whole: Cost;
  readonly memory: FoldCost;
}

function report(records: number, { floor, silent, whole, memory: { foldS, encodeS } }: Report): void {
  const own = foldS + encodeS;
  const each = (cpuS: number): string => ((1e6 * cpuS) / records).toFixed(1);
  const row = (name: string, { cpuS, wallS }: Cost): string[] => [name, kilo(records, cpuS), kilo(records, wallS), each(cpuS)];
  const beside = (cost: Cost): string[] => [
    (floor.cpuS / cost.cpuS).toFixed(2),
    (floor.cpuS / (cost.cpuS - own)).toFixed(2),
    (floor.wallS / cost.wallS).toFixed(2),
  ];
  const inMemory = (name: string, cpuS: number): string[] => [name, kilo(records, cpuS), '', each(cpuS)];
  printTable(
    ['what', 'per CPU-s', 'per s', 'CPU µs each', 'of the floor', 'less the fold', 'in wall time'],
    [
      row('floor: parse and SET', floor),
      [...row('profiles, nothing announced', silent), ...beside(silent)],
      [...row('profiles, changes announced', whole), ...beside(whole)],
      inMemory('in memory: read, open, fold', foldS),
      inMemory('in memory: states to bytes', encodeS),
    ],
  );
}

/** The same shop with more orders a customer: what a record costs then. */
async function grown(ring: KeyRing, definition: Definition, { times, profiles, records }: { times: number; profiles: number; records: number }): Promise<void> {
  const year = await yearOf(ring, { profiles, records: times * records });
  const all = [configurationRecord(shopConfigurations(), 0), ...year];
  const { foldS, encodeS, stateBytes } = memoryFold(definition, all, 2);
  const each = (cpuS: number): string => ((1e6 * cpuS) / all.length).toFixed(1);
  console.log(
    `  in memory, ${times * records} records a profile: fold ${each(foldS)} µs, to bytes ${each(encodeS)} µs a record, ${stateBytes.toFixed(0)} B a profile`,
  );
}
