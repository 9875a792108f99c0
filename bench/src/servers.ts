import { chooseWay } from '@attune/testing/provision/choose-way';
import { missingPackages, startLocalServers } from '@attune/testing/provision/local-servers';
import type { Servers } from '@attune/testing/provision/servers';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import type { Env } from './measure.ts';

const SCAN_COUNT = 1_000;

/** Where Kafka and Redis are. */
export type ServersAt = Pick<Servers, 'brokers' | 'redisUrl'>;

/** Kafka and Redis as the tests find them: those that the environment names, else processes of this machine. Ends what it started. @throws Error that says what to install */
export async function withServers(env: Env, work: (servers: ServersAt) => Promise<void>): Promise<void> {
  const { ATTUNE_KAFKA_BROKERS: brokers, ATTUNE_REDIS_URL: redisUrl, ATTUNE_TEST_PROVISION: forced } = env;
  const settings = { forced, brokers: brokers || undefined, redisUrl: redisUrl || undefined, kafkaImage: '', redisImage: '' };
  // Containers would put a network of their own between the benchmark and its servers.
  const way = await chooseWay(settings, { engineAnswers: async () => false, missingPackages });
  const servers = way === 'env' && brokers && redisUrl ? { brokers, redisUrl, stop: async () => {} } : await startLocalServers();
  console.log(`Kafka at ${servers.brokers}, Redis at ${servers.redisUrl.replace(/\/\/.*@/, '//')} (${way === 'env' ? 'given' : 'started here'})`);
  try {
    await work(servers);
  } finally {
    await servers.stop();
  }
}

/** A client that says nothing. */
export const quietKafka = (brokers: string): Kafka => new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });

/** Takes everything away whose name begins with the namespace: topics, and keys of Redis that hold it. */
export async function cleanUp({ brokers, redisUrl }: ServersAt, namespace: string): Promise<void> {
  const admin = quietKafka(brokers).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(namespace));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
  const redis = new Redis(redisUrl);
  for await (const keys of redis.scanStream({ match: `*${namespace}*`, count: SCAN_COUNT }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.unlink(keys);
  redis.disconnect();
}
