import { besideStreams } from './beside-streams.ts';
import { embeddedChain } from './embedded-chain.ts';
import { eventLatency } from './event-latency.ts';
import { foldRate } from './fold-rate.ts';
import { grpcCalls } from './grpc-calls.ts';
import { machineLines } from './machine.ts';
import type { Env } from './measure.ts';
import { nextBasket } from './next-basket.ts';
import { predictions } from './predictions.ts';
import { processorOnRedis } from './processor-on-redis.ts';
import { profileBytes } from './profile-bytes.ts';
import { profilesOnRedis } from './profiles-on-redis.ts';
import { recommendOverGrpc } from './recommend-over-grpc.ts';
import { shopFold } from './shop-fold.ts';

const benches: Readonly<Record<string, (env: Env) => Promise<void>>> = {
  calls: grpcCalls,
  latency: eventLatency,
  processor: processorOnRedis,
  profiles: profilesOnRedis,
  fold: foldRate,
  'shop-fold': shopFold,
  embedded: embeddedChain,
  'profile-bytes': profileBytes,
  'next-basket': nextBasket,
  recommend: recommendOverGrpc,
  predict: predictions,
  streams: besideStreams,
};

const bench = benches[process.argv[2] ?? ''];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exit(2);
}
// Node would warn of timeouts in the past, which kafkajs 2.2.4 computes on each throttled connection.
process.removeAllListeners('warning');
for (const line of await machineLines()) console.log(line);
await bench(process.env);
// What a library keeps open must not keep the benchmark.
process.exit();
