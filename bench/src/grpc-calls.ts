import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import { RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { rpcClient } from '@attune/grpc/client';
import { type CallFigures, callRound, figuresOf, type Round, type Target, warm } from './call-load.ts';
import { type Child, startChild } from './child.ts';
import { shareLine } from './cpu-profile.ts';
import { type FourServices, NAMES, startFourServices } from './four-services.ts';
import { type KafkaHop, openHop } from './kafka-hop.ts';
import { countFrom, type Env, until } from './measure.ts';
import { type Served, servedCalls } from './served-calls.ts';
import { type ServersAt, withServers } from './servers.ts';
import { featureCalls, introduce } from './shop-customers.ts';
import { printTable, quantile } from './table.ts';

const ORDERS = 3;
const PRODUCTS = 60;
const HOPS = 200;
const IDLE_MS = 3_000;
const DEADLINE_MS = 5_000;
const INDEXED_WITHIN_MS = 30_000;

/** How long and how often. */
interface Sizes {
  readonly rounds: number;
  readonly ms: number;
  readonly customers: number;
  /** What the names of the calls begin with that are measured; empty = all. */
  readonly only: string;
}

/** GetFeatures, Recommend and Decide over gRPC, each beside bare grpc-js servers that answer as many bytes, in alternated rounds after warming all. */
export async function grpcCalls(env: Env): Promise<void> {
  const sizes = {
    rounds: countFrom(env, 'BENCH_ROUNDS', 4),
    ms: countFrom(env, 'BENCH_ROUND_MS', 1_000),
    customers: countFrom(env, 'BENCH_KEYS', 200),
    only: env['BENCH_ONLY'] ?? '',
  };
  await withServers(env, async (servers) => {
    const four = await startFourServices(servers);
    const file = join(import.meta.dirname, 'echo-server.ts');
    const echo = await startChild({ name: 'echo', file, args: [servers.redisUrl, four.namespace], env: {}, listens: /echo on (\S+)/ });
    const hop = await openHop(servers.brokers, `${four.namespace}.hop`);
    try {
      await measureAll(servers, four, echo, hop, sizes);
    } finally {
      await hop.end();
      await echo.end();
      await four.end();
    }
  });
}

async function measureAll(servers: ServersAt, four: FourServices, echo: Child, hop: KafkaHop, sizes: Sizes): Promise<void> {
  const calls = featureCalls(four);
  const userIds = Array.from({ length: sizes.customers }, (_, i) => `customer-${i}`);
  const profileIds = await introduce(four, calls, userIds, { orders: ORDERS, productsOf });
  calls.close();
  console.log(`idle: ${await idleLine(four)}`);
  await indexMade(four);
  const rows: string[][] = [];
  const places: string[] = [];
  for (const served of await servedCalls({ servers, four, echo, profileIds, userIds })) {
    if (!served.name.startsWith(sizes.only)) continue;
    const [ours, ...bare] = await measure(served, sizes);
    rows.push(rowOf(served.name, served.callers, ours));
    for (const [i, floor] of bare.entries())
      rows.push([
        ...rowOf(`  ${served.floors[i]?.name}`, served.callers, floor),
        ratio(floor.cpuUs, ours.cpuUs),
        ratio(ours.callsPerS, floor.callsPerS),
        ratio(ours.p50Ms, floor.p50Ms),
      ]);
    if (served.callers > 2) places.push(`  ${served.name}\n    ${await whereServed(served, sizes)}`);
  }
  const hopsMs: number[] = [];
  for (let i = 0; i < HOPS; i++) hopsMs.push(await hop.pass());
  console.log(`calls over gRPC, ${sizes.customers} customers, ${sizes.rounds} alternated rounds of ${sizes.ms} ms; processor time is the servers' own:`);
  printTable(['call', 'callers', 'p50 ms', 'p99 ms', 'calls/s', 'CPU µs/call', 'CPU ratio', 'calls ratio', 'of its p50'], rows);
  console.log(`  a bare Kafka hop: p50 ${quantile(hopsMs, 0.5).toFixed(1)} ms, p99 ${quantile(hopsMs, 0.99).toFixed(1)} ms`);
  console.log('where the servers spend their processor time:');
  for (const place of places) console.log(place);
}

/** Three of sixty, so that some are bought together more often than others. */
const productsOf = (customer: number, nth: number): readonly string[] => [0, 1, 2].map((i) => String(22_000 + ((customer + 7 * nth + i * i) % PRODUCTS)));

/** Resolves once recommendations come from an index. */
async function indexMade({ grpc }: FourServices): Promise<void> {
  const { calls, close } = rpcClient(grpc.scoring, ScoringServiceService, { deadlineMs: DEADLINE_MS });
  const made = async (): Promise<true | undefined> => ((await calls.recommend(RecommendRequest.fromPartial({}))).generation > 0n ? true : undefined);
  await until(made, { withinMs: INDEXED_WITHIN_MS, everyMs: 100, what: 'an index of baskets' });
  close();
}

/** Ours first, then the floors. */
async function measure({ ours, floors, callers }: Served, { rounds, ms }: Sizes): Promise<readonly [CallFigures, ...CallFigures[]]> {
  const load = { callers, ms };
  const targets: readonly Target[] = [...floors.map(({ target }) => target), ours];
  for (const target of targets) await warm(target, load);
  const of = new Map(targets.map((target) => [target, [] as Round[]]));
  for (let round = 0; round < rounds; round++) for (const target of targets) of.get(target)?.push(await callRound(target, load));
  const figures = (target: Target): CallFigures => figuresOf(of.get(target) ?? []);
  return [figures(ours), ...floors.map(({ target }) => figures(target))];
}

/** What the services cost while nobody asks: it is part of every figure below. */
async function idleLine({ services }: FourServices): Promise<string> {
  const before = await Promise.all(NAMES.map((name) => services[name].cpuS()));
  await sleep(IDLE_MS);
  const after = await Promise.all(NAMES.map((name) => services[name].cpuS()));
  const costs = NAMES.map((name, i) => `${name} ${((1e6 * ((after[i] ?? 0) - (before[i] ?? 0))) / IDLE_MS).toFixed(0)} ms`);
  return `${costs.join(', ')} of processor time a second`;
}

/** One more round with sampling, which is not counted. */
async function whereServed({ ours, callers }: Served, { ms }: Sizes): Promise<string> {
  for (const server of ours.servers) await server.profile();
  await callRound(ours, { callers, ms });
  const lines = await Promise.all(ours.servers.map(async ({ shares, name }) => `${name}: ${shareLine(await shares())}`));
  return lines.join('\n    ');
}

const ratio = (a: number, b: number): string => (a / b).toFixed(2);

const rowOf = (name: string, callers: number, { p50Ms, p99Ms, callsPerS, cpuUs }: CallFigures): string[] => [
  name,
  String(callers),
  p50Ms.toFixed(2),
  p99Ms.toFixed(2),
  callsPerS.toFixed(0),
  cpuUs.toFixed(0),
];
