import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import { DecideRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { type CallFigures, callOnce, callRound, figuresOf, plainClient, type Round, type Target, warm } from './call-load.ts';
import { type Child, startChild } from './child.ts';
import { shareLine } from './cpu-profile.ts';
import { ECHO_PATH } from './echo-server.ts';
import { type FourServices, NAMES, startFourServices } from './four-services.ts';
import { type KafkaHop, openHop } from './kafka-hop.ts';
import { countFrom, type Env } from './measure.ts';
import { withServers } from './servers.ts';
import { featureCalls, introduce } from './shop-customers.ts';
import { printTable, quantile } from './table.ts';

const FEATURES_PATH = '/attune.features.v1.FeatureStoreService/GetFeatures';
const DECIDE_PATH = '/attune.scoring.v1.ScoringService/Decide';
const SUBJECTS = [1, 2, 10];
const ORDERS = 3;
const HOPS = 200;
const IDLE_MS = 3_000;

/** How long and how often. */
interface Sizes {
  readonly rounds: number;
  readonly ms: number;
  readonly customers: number;
}

/** A call beside an echo of the same bytes. */
interface Pair {
  readonly name: string;
  readonly callers: number;
  readonly ours: Target;
  readonly echo: Target;
}

/** GetFeatures and Decide over gRPC, each beside a bare grpc-js server that answers as many bytes, in alternated rounds after warming both. */
export async function grpcCalls(env: Env): Promise<void> {
  const sizes = { rounds: countFrom(env, 'BENCH_ROUNDS', 4), ms: countFrom(env, 'BENCH_ROUND_MS', 1_000), customers: countFrom(env, 'BENCH_KEYS', 200) };
  await withServers(env, async (servers) => {
    const four = await startFourServices(servers);
    const echo = await startChild({ name: 'echo', file: join(import.meta.dirname, 'echo-server.ts'), env: {}, listens: /echo on (\S+)/ });
    const hop = await openHop(servers.brokers, `${four.namespace}.hop`);
    try {
      await measureAll(four, echo, hop, sizes);
    } finally {
      await hop.end();
      await echo.end();
      await four.end();
    }
  });
}

async function measureAll(four: FourServices, echo: Child, hop: KafkaHop, sizes: Sizes): Promise<void> {
  const calls = featureCalls(four);
  const profileIds = await introduce(
    four,
    calls,
    Array.from({ length: sizes.customers }, (_, i) => `customer-${i}`),
    ORDERS,
  );
  calls.close();
  console.log(`idle: ${await idleLine(four)}`);
  const pairs = await pairsOf(four, echo, profileIds);
  const rows: string[][] = [];
  const places: string[] = [];
  for (const pair of pairs) {
    const [ours, bare] = await measure(pair, sizes);
    rows.push(rowOf(pair.name, pair.callers, ours), [
      ...rowOf('  echo of its size', pair.callers, bare),
      ratio(bare.cpuUs, ours.cpuUs),
      ratio(ours.callsPerS, bare.callsPerS),
    ]);
    if (pair.callers > 2) places.push(`  ${pair.name}\n    ${await wherePair(pair, sizes)}`);
  }
  const hopsMs: number[] = [];
  for (let i = 0; i < HOPS; i++) hopsMs.push(await hop.pass());
  console.log(`calls over gRPC, ${sizes.customers} customers, ${sizes.rounds} alternated rounds of ${sizes.ms} ms; processor time is the servers' own:`);
  printTable(['call', 'callers', 'p50 ms', 'p99 ms', 'calls/s', 'CPU µs/call', 'CPU ratio', 'calls ratio'], rows);
  console.log(
    `  a bare Kafka hop, which a Decide waits for before it answers: p50 ${quantile(hopsMs, 0.5).toFixed(1)} ms, p99 ${quantile(hopsMs, 0.99).toFixed(1)} ms`,
  );
  console.log('where the servers spend their processor time:');
  for (const place of places) console.log(place);
}

async function pairsOf({ services, grpc }: FourServices, echo: Child, profileIds: readonly string[]): Promise<readonly Pair[]> {
  const [features, scoring, echoing] = [plainClient(grpc['feature-store']), plainClient(grpc.scoring), plainClient(echo.listening[1] ?? '')];
  const pair = async (name: string, callers: number, ours: Target): Promise<Pair> => {
    const answer = await callOnce(ours, ours.requestAt(0));
    const request = Buffer.alloc(ours.requestAt(0).length);
    request.writeUInt32BE(answer.length);
    const sized = `${name} (${request.length} B → ${answer.length} B)`;
    return { name: sized, callers, ours, echo: { client: echoing, path: ECHO_PATH, requestAt: () => request, servers: [echo] } };
  };
  const idAt = (index: number): string => profileIds[index % profileIds.length] ?? '';
  const featuresOf = (count: number): Target => {
    const requests = profileIds.map((_, i) => featuresRequest(Array.from({ length: count }, (__, j) => idAt(i + j))));
    return { client: features, path: FEATURES_PATH, requestAt: (i) => requests[i % requests.length] ?? Buffer.alloc(0), servers: [services['feature-store']] };
  };
  const decisions = profileIds.map(decideRequest);
  const deciding: Target = {
    client: scoring,
    path: DECIDE_PATH,
    requestAt: (i) => decisions[i % decisions.length] ?? Buffer.alloc(0),
    servers: [services.scoring, services['feature-store']],
  };
  const found: Pair[] = [await pair('GetFeatures of 1', 1, featuresOf(1))];
  for (const count of SUBJECTS) found.push(await pair(`GetFeatures of ${count}`, 8, featuresOf(count)));
  for (const callers of [1, 2, 10]) found.push(await pair('Decide', callers, deciding));
  return found;
}

const featuresRequest = (profileIds: readonly string[]): Buffer =>
  Buffer.from(
    GetFeaturesRequest.encode(
      GetFeaturesRequest.fromPartial({ subjects: profileIds.map((value) => ({ id: { $case: 'profileId', value } })), purpose: 'personalise' }),
    ).finish(),
  );

const decideRequest = (value: string): Buffer =>
  Buffer.from(DecideRequest.encode(DecideRequest.fromPartial({ subject: { id: { $case: 'profileId', value } }, campaign: 'welcome_back' })).finish());

async function measure({ ours, echo, callers }: Pair, { rounds, ms }: Sizes): Promise<readonly [CallFigures, CallFigures]> {
  const load = { callers, ms };
  await warm(echo, load);
  await warm(ours, load);
  const [of, bare]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bare.push(await callRound(echo, load));
    of.push(await callRound(ours, load));
  }
  return [figuresOf(of), figuresOf(bare)];
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
async function wherePair({ ours, callers }: Pair, { ms }: Sizes): Promise<string> {
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
