import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { commandPath } from './config.ts';
import { startKafka } from './local-kafka.ts';
import { startRedis } from './local-redis.ts';
import type { Servers } from './servers.ts';

const packageOf = { 'redis-server': 'redis-server', java: 'openjdk-17-jre-headless', mvn: 'maven' };

/** Debian packages that the local way needs and whose commands are not to be found. */
export async function missingPackages(): Promise<string[]> {
  const found = await Promise.all(Object.keys(packageOf).map(isCommand));
  return Object.values(packageOf).filter((_, at) => !found[at]);
}

/** Kafka and Redis as processes of this machine, with data in a temporary folder that goes when they stop. */
export async function startLocalServers(): Promise<Servers> {
  const dir = await mkdtemp(join(tmpdir(), 'attune-tests-'));
  const [kafka, redis] = await Promise.all([startKafka({ dir: join(dir, 'kafka') }), startRedis({ dir: join(dir, 'redis') })]);
  return {
    brokers: kafka.brokers,
    redisUrl: redis.url,
    stop: async () => {
      // Killed, not stopped: nobody needs their data, and a broker takes two seconds to say goodbye.
      await Promise.all([kafka.kill(), redis.kill()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function isCommand(name: string): Promise<boolean> {
  const places = commandPath().split(delimiter);
  const hits = await Promise.allSettled(places.map((place) => access(join(place, name), constants.X_OK)));
  return hits.some((hit) => hit.status === 'fulfilled');
}
