import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import type { EventLog } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { AttuneError } from '@attune/kernel/errors';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { LogKeyStore } from '@attune/sealing/log-key-store';
import type { KeyStore } from '@attune/sealing/port';
import { readingKeyStore } from '@attune/sealing/reading-key-store';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { namespacedStore } from '@attune/state-store/namespaced';
import type { StateStore } from '@attune/state-store/port';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import type { Settings } from '../config.ts';

/** The store that profiles lie in: that of ATTUNE_REDIS_URL where brokers are named, else that of the data folder. @throws AttuneError SETTING_INVALID, STORE_UNAVAILABLE */
export async function storeSource({ ATTUNE_KAFKA_BROKERS, ATTUNE_REDIS_URL: url, ATTUNE_NAMESPACE, ATTUNE_DATA_DIR }: Settings): Promise<StateStore> {
  if (ATTUNE_KAFKA_BROKERS === undefined) return new SqliteStateStore(join(ATTUNE_DATA_DIR, 'store.sqlite'));
  if (url === undefined) throw new AttuneError('SETTING_INVALID', 'ATTUNE_REDIS_URL: profiles of a cluster lie there. Name it, or ask a service by --address.');
  const redis = new RedisStateStore({ url });
  await redis.connected();
  return ATTUNE_NAMESPACE === '' ? redis : namespacedStore(redis, ATTUNE_NAMESPACE);
}

/** A log with the keys that open it, for reading. */
export interface LogSource {
  readonly log: EventLog;
  readonly ring: KeyRing;
  close(): Promise<void>;
}

/**
 * The log of the brokers where ATTUNE_KAFKA_BROKERS names some, else that of the data folder, also while Attune runs there. No key is made.
 * @throws AttuneError SETTING_INVALID where the folder holds no log, LOG_UNAVAILABLE, KEY_UNAVAILABLE
 */
export async function logSource(settings: Settings): Promise<LogSource> {
  return settings.ATTUNE_KAFKA_BROKERS === undefined ? inFolder(settings.ATTUNE_DATA_DIR) : await onBrokers(settings, settings.ATTUNE_KAFKA_BROKERS);
}

function inFolder(folder: string): LogSource {
  if (!existsSync(join(folder, 'log.sqlite')))
    throw new AttuneError('SETTING_INVALID', `ATTUNE_DATA_DIR: there is no log in ${folder}. Name the folder of a started Attune, or ATTUNE_KAFKA_BROKERS.`);
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch });
  const keys = new SqliteKeyStore({ path: join(folder, 'keys.sqlite'), secrets: fileSecrets(join(folder, 'secrets')) });
  return source(log, keys, () => log.close());
}

async function onBrokers(settings: Settings, brokers: string): Promise<LogSource> {
  const { ATTUNE_NAMESPACE, ATTUNE_SECRETS_DIR, ATTUNE_DATA_DIR } = settings;
  const kafka = new KafkaEventLog({ brokers: brokers.split(',') });
  const log = ATTUNE_NAMESPACE === '' ? kafka : namespacedLog(kafka, ATTUNE_NAMESPACE);
  const keys = new LogKeyStore({ log, secrets: fileSecrets(ATTUNE_SECRETS_DIR ?? join(ATTUNE_DATA_DIR, 'secrets')), stopwatch: systemStopwatch });
  await keys.start();
  return source(log, keys, () => log.close());
}

function source(log: EventLog, keys: KeyStore, closeLog: () => Promise<void>): LogSource {
  const close = async (): Promise<void> => {
    await keys.close(); // it may read the log until then
    await closeLog();
  };
  return { log, ring: new KeyRing(readingKeyStore(keys), systemStopwatch), close };
}
