import { join } from 'node:path';
import type { EventLog } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { type Clock, type Secrets, systemStopwatch } from '@attune/runtime/world';
import type { KeyStore } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import type { SlotReader, StateStore } from '@attune/state-store/port';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';

/** What all services of one process stand on. */
export interface Foundations {
  readonly log: EventLog;
  readonly store: StateStore & SlotReader;
  readonly keys: KeyStore;
  readonly secrets: Secrets;
}

/** Log, store and keys in SQLite files of a data folder, secrets in files beside them. */
export function localFoundations(dataFolder: string, clock: Clock): Foundations {
  const inFolder = (name: string): string => join(dataFolder, name);
  const secrets = fileSecrets(inFolder('secrets'));
  return {
    log: new SqliteEventLog({ path: inFolder('log.sqlite'), clock, stopwatch: systemStopwatch }),
    store: new SqliteStateStore(inFolder('store.sqlite')),
    keys: new SqliteKeyStore({ path: inFolder('keys.sqlite'), secrets }),
    secrets,
  };
}
