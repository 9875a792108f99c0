import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemStopwatch } from '@attune/runtime/world';
import { LogKeyStore } from '@attune/sealing/log-key-store';
import { namespacedStore } from '@attune/state-store/namespaced';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import type { Foundations } from './foundations.ts';

/** Where a cluster's servers are. */
export interface ClusterOptions {
  /** Kafka bootstrap addresses, `host:port` joined by commas. */
  readonly brokers: string;
  readonly redisUrl: string;
  /** Folder of the secrets that all processes share. */
  readonly secretsFolder: string;
  /** What the names of topics, groups and slots begin with; '' = nothing. */
  readonly namespace: string;
  /** How long a silent member of a group keeps its partitions, in ms. */
  readonly sessionTimeoutMs: number;
}

/** The log on Kafka, the store on Redis, keys in a topic of their own. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export async function clusterFoundations({ brokers, redisUrl, secretsFolder, namespace, sessionTimeoutMs }: ClusterOptions): Promise<Foundations> {
  const kafka = new KafkaEventLog({ brokers: brokers.split(','), sessionTimeoutMs });
  const redis = new RedisStateStore({ url: redisUrl });
  const log = namespace === '' ? kafka : namespacedLog(kafka, namespace);
  const store = namespace === '' ? redis : namespacedStore(redis, namespace);
  const secrets = fileSecrets(secretsFolder);
  const keys = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  await Promise.all([redis.connected(), keys.start()]);
  return { log, store, keys, secrets };
}
