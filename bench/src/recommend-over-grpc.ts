import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import { RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { rpcClient } from '@attune/grpc/client';
import { grpcServer } from '@attune/grpc/server';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { countFrom, type Env, kilo, median, startCost } from './measure.ts';
import { recommendWorld } from './recommend-world.ts';

const HOST = '127.0.0.1';
const ROUNDS = 5;
const CALLERS = 8;
/** Items of an answer. */
const COUNT = 20;
const asItIs = (bytes: Buffer): Buffer => bytes;
const ECHO = {
  path: '/bench.Echo/Echo',
  requestStream: false,
  responseStream: false,
  requestSerialize: asItIs,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: asItIs,
} as const;

/**
 * `Recommend` for known customers over gRPC, beside an empty echo of grpc-js and the flow without gRPC, alternated after a warm-up. Client and server share the process: their
 * processor time is counted together, for both.
 */
export async function recommendOverGrpc(env: Env): Promise<void> {
  const calls = countFrom(env, 'BENCH_CALLS', 2_000);
  const items = countFrom(env, 'BENCH_ITEMS', 100_000);
  const world = await recommendWorld({ customers: countFrom(env, 'BENCH_CUSTOMERS', 500), purchases: countFrom(env, 'BENCH_PURCHASES', 20), items });
  const server = grpcServer({ rpcs: world.scoring.rpcs, tenantOf: () => 'default', log: { warn: () => undefined, error: () => undefined } });
  const recommender = rpcClient(`${HOST}:${await server.listen(HOST, 0)}`, ScoringServiceService, { deadlineMs: 10_000 });
  const bare = await echoServer();
  const echo = rpcClient(`${HOST}:${bare.port}`, { echo: ECHO }, { deadlineMs: 10_000 });
  const requests = world.profileIds.map((id) => RecommendRequest.fromPartial({ subject: { id: { $case: 'profileId', value: id } }, count: COUNT }));
  const requestOf = (n: number): RecommendRequest => requests[n % requests.length] ?? RecommendRequest.fromPartial({});
  const paths = {
    'empty echo': (_n: number) => echo.calls.echo(Buffer.alloc(0)),
    'Recommend over gRPC': (n: number) => recommender.calls.recommend(requestOf(n)),
    'Recommend, the flow alone': (n: number) => world.scoring.recommend('default', requestOf(n)),
  };
  for (let warm = 0; warm < 3; warm++) for (const path of Object.values(paths)) await run(path, calls);
  const rates = new Map<string, number[]>();
  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, path] of Object.entries(paths)) {
      const { cpuS, ms } = await run(path, calls);
      rates.set(name, [...(rates.get(name) ?? []), calls / cpuS]);
      times.set(name, [...(times.get(name) ?? []), ...ms]);
    }
  }
  console.log(
    `${calls} calls a round, ${CALLERS} callers, ${ROUNDS} rounds, ${requests.length} customers, ${COUNT} of ${items} items; calls per CPU second (median), ms a call (p50, p99):`,
  );
  for (const [name, rate] of rates) {
    const sorted = (times.get(name) ?? []).toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(2);
    console.log(`  ${name.padEnd(28)} ${kilo(median(rate), 1)}   ${at(0.5)}  ${at(0.99)}`);
  }
  console.log(`  of an empty echo: ${(median(rates.get('Recommend over gRPC') ?? []) / median(rates.get('empty echo') ?? [])).toFixed(2)}`);
  for (const client of [recommender, echo]) client.close();
  await server.stop(1_000);
  bare.end();
  await world.stop();
}

async function echoServer(): Promise<{ readonly port: number; readonly end: () => void }> {
  const server = new Server();
  server.register(
    ECHO.path,
    (call: { request: Buffer }, answer: (fault: null, response: Buffer) => void) => answer(null, call.request),
    asItIs,
    asItIs,
    'unary',
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (fault, bound) => (fault === null ? resolve(bound) : reject(fault))),
  );
  return { port, end: () => server.forceShutdown() };
}

async function run(path: (n: number) => Promise<unknown>, calls: number): Promise<{ readonly cpuS: number; readonly ms: readonly number[] }> {
  const ms: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < calls) {
      const startedMs = performance.now();
      await path(next++);
      ms.push(performance.now() - startedMs);
    }
  };
  const cost = startCost();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return { cpuS: cost().cpuS, ms };
}
