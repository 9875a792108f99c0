import { embeddedChain } from './embedded-chain.ts';
import { foldRate } from './fold-rate.ts';
import type { Env } from './measure.ts';
import { nextBasket } from './next-basket.ts';
import { processorOnRedis } from './processor-on-redis.ts';
import { profileBytes } from './profile-bytes.ts';
import { recommendOverGrpc } from './recommend-over-grpc.ts';

const benches: Readonly<Record<string, (env: Env) => Promise<void>>> = {
  processor: processorOnRedis,
  fold: foldRate,
  embedded: embeddedChain,
  'profile-bytes': profileBytes,
  'next-basket': nextBasket,
  recommend: recommendOverGrpc,
};

const bench = benches[process.argv[2] ?? ''];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exitCode = 2;
} else await bench(process.env);
