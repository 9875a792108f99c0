import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { Processor } from '@attune/processor/processor';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { Redis } from 'ioredis';
import { benchEvent, counterDefinition, totalOf } from './counter-fold.ts';
import { runFloor } from './floor.ts';
import { type Cost, countFrom, type Env, kilo, median, startCost } from './measure.ts';
import { quietKafka, type ServersAt, withServers } from './servers.ts';

const POLL_MS = 5;
const STOP_GRACE_MS = 2_000;
const APPEND_RECORDS = 1_000;
const WAIT_MS = 120_000;

interface Bench {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly topic: string;
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
}

/**
 * Record → committed state through the processor on Kafka and Redis, beside a bare consumer that parses and does one SET a profile.
 * Both fold the same topic from its beginning, in turns, after one turn that does not count. Neither publishes anything.
 */
export async function processorOnRedis(env: Env): Promise<void> {
  await withServers(env, (servers) => measure(env, servers));
}

async function measure(env: Env, { brokers, redisUrl }: ServersAt): Promise<void> {
  const bench = benchFrom(env, brokers.split(','), redisUrl);
  const rounds = countFrom(env, 'BENCH_ROUNDS', 5);
  const log = new KafkaEventLog({ brokers: bench.brokers });
  const redis = new Redis(bench.redisUrl);
  try {
    await fill(log, bench);
    const floor: Cost[] = [];
    const processor: Cost[] = [];
    for (let round = 0; round <= rounds; round++) {
      const ofFloor = await runFloor({ ...bench, redis, name: `${bench.topic}.floor-${round}` });
      const ofProcessor = await runProcessor(bench, `${bench.topic}.processor-${round}`);
      console.log(`round ${round}${round === 0 ? ' (not counted)' : ''}: floor ${line(bench, ofFloor)}; processor ${line(bench, ofProcessor)}`);
      if (round === 0) continue;
      floor.push(ofFloor);
      processor.push(ofProcessor);
    }
    report(bench, floor, processor);
  } finally {
    await log.close();
    redis.disconnect();
    await dropTopic(bench);
  }
}

function benchFrom(env: Env, brokers: readonly string[], redisUrl: string): Bench {
  const sizes = {
    events: countFrom(env, 'BENCH_EVENTS', 200_000),
    keys: countFrom(env, 'BENCH_KEYS', 50_000),
    partitions: countFrom(env, 'BENCH_PARTITIONS', 8),
  };
  return { brokers, redisUrl, topic: `attune.bench.${process.pid}.${Date.now()}`, ...sizes };
}

async function fill(log: KafkaEventLog, { topic, events, keys, partitions }: Bench): Promise<void> {
  await log.ensureTopics([{ topic, partitions }]);
  for (let from = 0; from < events; from += APPEND_RECORDS) {
    const records = Array.from({ length: Math.min(APPEND_RECORDS, events - from) }, (_, index) => benchEvent(from + index, keys));
    await log.append('bench', topic, records);
  }
}

async function runProcessor(bench: Bench, name: string): Promise<Cost> {
  const log = new KafkaEventLog({ brokers: bench.brokers });
  const store = new RedisStateStore({ url: bench.redisUrl });
  await store.connected();
  const definition = counterDefinition(name, bench.topic);
  let cost: (() => Cost) | undefined;
  const timed: typeof definition = {
    ...definition,
    keyOf: (record) => {
      cost ??= startCost();
      return definition.keyOf(record);
    },
  };
  const processor = new Processor(timed, { log, store, clock: systemClock, stopwatch: systemStopwatch });
  await processor.start();
  await reached(processor, bench.events);
  const answer = cost?.();
  await processor.stop(STOP_GRACE_MS);
  await verify(bench, store, processor);
  await Promise.all([log.close(), store.close()]);
  if (answer === undefined) throw new Error('nothing was folded');
  return answer;
}

async function reached<S>(processor: Processor<S>, events: number): Promise<void> {
  const givenUpAtMs = performance.now() + WAIT_MS;
  while (processor.status().reduce((sum, { nextOffset }) => sum + nextOffset, 0) < events) {
    if (performance.now() > givenUpAtMs) throw new Error(`not folded in time: ${JSON.stringify(processor.status())}`);
    await sleep(POLL_MS);
  }
}

/** Every event is counted once in the committed states; then the slots go. @throws Error when not */
async function verify<S>({ events, keys, partitions }: Bench, store: RedisStateStore, processor: Processor<S>): Promise<void> {
  const { keyOf, decode } = counterDefinition('', '');
  const record = { topic: '', partition: 0, offset: 0, appendedAtMs: 0, tenant: 'bench', value: new Uint8Array(), headers: {} };
  const names = Array.from({ length: Math.min(keys, events) }, (_, index) => keyOf({ ...record, key: benchEvent(index, keys).key }));
  let total = 0;
  for (let partition = 0; partition < partitions; partition++) {
    for (let from = 0; from < names.length; from += 5_000) {
      const { states } = await store.read(processor.slotOf(partition), names.slice(from, from + 5_000));
      for (const bytes of states) if (bytes) total += totalOf(decode(bytes));
    }
    await store.clear(processor.slotOf(partition));
  }
  if (total !== events) throw new Error(`${total} events are counted in the store, ${events} were sent`);
}

const line = ({ events }: Bench, { cpuS, wallS }: Cost): string => `${kilo(events, cpuS)}/CPU-s ${kilo(events, wallS)}/s`;

function report(bench: Bench, floor: readonly Cost[], processor: readonly Cost[]): void {
  const middle = (costs: readonly Cost[]): Cost => ({ cpuS: median(costs.map(({ cpuS }) => cpuS)), wallS: median(costs.map(({ wallS }) => wallS)) });
  const [bare, ours] = [middle(floor), middle(processor)];
  console.log(`processor on Redis, ${bench.events} events, ${bench.keys} keys, ${bench.partitions} partitions, median of ${floor.length}:`);
  console.log(`  floor (parse + SET)  ${line(bench, bare)}`);
  console.log(`  processor            ${line(bench, ours)}`);
  console.log(`  ratio                ${(bare.cpuS / ours.cpuS).toFixed(2)} in CPU, ${(bare.wallS / ours.wallS).toFixed(2)} in wall time`);
}

async function dropTopic({ brokers, topic }: Bench): Promise<void> {
  const admin = quietKafka(brokers.join(',')).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}
