import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AttuneError } from '@attune/kernel/errors';

/** A data folder that this process alone may use. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

/** Locks the folder, making it where it is absent. The lock is the operating system's: it ends with the process, also by kill -9. @throws AttuneError DATA_FOLDER_LOCKED; SETTING_INVALID where the folder cannot be made or written */
export function lockDataFolder(path: string): DataFolder {
  const lock = opened(path);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (id INTEGER)');
  } catch (fault) {
    lock.close();
    throw new AttuneError('DATA_FOLDER_LOCKED', `Folder: ${path}.`, fault);
  }
  return { path, release: () => lock.close() };
}

function opened(path: string): DatabaseSync {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return new DatabaseSync(join(path, 'lock'), { timeout: 0 });
  } catch (fault) {
    throw new AttuneError('SETTING_INVALID', `ATTUNE_DATA_DIR: ${path} is no folder that can be written.`, fault);
  }
}
