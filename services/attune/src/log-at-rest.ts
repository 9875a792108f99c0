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
import { readingKeyStore } from '@attune/sealing/reading-key-store';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import type { Settings } from './config.ts';

/** A log to read from, and the keys to what is sealed in it. */
export interface LogAtRest {
  readonly log: EventLog;
  readonly ring: KeyRing;
  close(): Promise<void>;
}

/**
 * Opens the log for reading: that of Kafka where brokers are given, else that of the data folder, also while a process of Attune uses it. No key is made or destroyed.
 * @throws AttuneError SETTING_INVALID where there is no log, LOG_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const openLogAtRest = (settings: Settings): Promise<LogAtRest> =>
  settings.ATTUNE_KAFKA_BROKERS === undefined ? folderLog(settings) : kafkaLog(settings, settings.ATTUNE_KAFKA_BROKERS);

async function folderLog({ ATTUNE_DATA_DIR: folder }: Settings): Promise<LogAtRest> {
  if (!existsSync(join(folder, 'log.sqlite')))
    throw new AttuneError('SETTING_INVALID', `ATTUNE_DATA_DIR: ${folder} holds no log. Name the folder of an Attune, or ATTUNE_KAFKA_BROKERS.`);
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch, follows: true });
  const keys = new SqliteKeyStore({ path: join(folder, 'keys.sqlite'), secrets: fileSecrets(join(folder, 'secrets')) });
  return { log, ring: new KeyRing(readingKeyStore(keys), systemStopwatch), close: async () => void (await Promise.all([log.close(), keys.close()])) };
}

async function kafkaLog(settings: Settings, brokers: string): Promise<LogAtRest> {
  const { ATTUNE_NAMESPACE: namespace, ATTUNE_SECRETS_DIR, ATTUNE_DATA_DIR, ATTUNE_KAFKA_SESSION_TIMEOUT: sessionTimeoutMs } = settings;
  const kafka = new KafkaEventLog({ brokers: brokers.split(','), sessionTimeoutMs });
  const log = namespace === '' ? kafka : namespacedLog(kafka, namespace);
  const secrets = fileSecrets(ATTUNE_SECRETS_DIR ?? join(ATTUNE_DATA_DIR, 'secrets'));
  const keys = new LogKeyStore({ log, secrets, stopwatch: systemStopwatch });
  const close = async (): Promise<void> => {
    await keys.close();
    await log.close();
  };
  await keys.start().catch(async (fault: unknown) => {
    await close();
    throw fault;
  });
  return { log, ring: new KeyRing(readingKeyStore(keys), systemStopwatch), close };
}
