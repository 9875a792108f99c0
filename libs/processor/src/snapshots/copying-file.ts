import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AttuneError } from '@attune/kernel/errors';
import type { StateKey, StoredState } from '@attune/state-store/port';
import type { SlotSnapshot } from './manifest.ts';

/** How far the copy of a slot has come. */
export interface CopyingAt {
  /** Watermark of the first page, in base64. */
  readonly since: string;
  /** Where the next page begins; undefined once all were read. */
  readonly cursor: string | undefined;
  /** The furthest offset that a page was read at: a store that lies below it went back. */
  readonly upTo: number;
}

const SCHEMA = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS states (key TEXT PRIMARY KEY, state BLOB NOT NULL, at REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS copying (slot TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (slot TEXT PRIMARY KEY, snapshot TEXT NOT NULL) WITHOUT ROWID;
`;

/** The part of a snapshot that is under way, in a file beside the snapshots: what was copied is there after a kill. One process at a time. */
export class CopyingFile {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  /** @throws AttuneError DATA_FOLDER_LOCKED where another process takes a snapshot */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, 'copying.sqlite');
    this.#db = new DatabaseSync(this.#path, { timeout: 0 });
    try {
      this.#db.exec(SCHEMA);
    } catch (fault) {
      this.#db.close();
      throw new AttuneError('DATA_FOLDER_LOCKED', `${folder}: another snapshot is under way there.`, fault);
    }
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO states VALUES (?, ?, ?)');
    this.#drop = this.#db.prepare('DELETE FROM states WHERE key = ?');
  }

  /** How far the slot is; undefined before its first page. */
  at(slot: string): CopyingAt | undefined {
    const row = this.#db.prepare('SELECT at FROM copying WHERE slot = ?').get(slot);
    return row && (JSON.parse(row['at'] as string) as CopyingAt);
  }

  /** Forgets all that was copied of slots that are not done. */
  begin(): void {
    this.#db.exec('DELETE FROM states; DELETE FROM copying');
  }

  /** Takes a page with the place that comes next, in one. */
  takePage(slot: string, states: readonly StoredState[], at: CopyingAt): void {
    this.#within(() => {
      for (const { key, state, dueAtMs } of states) this.#put.run(key, state, dueAtMs ?? null);
      this.#db.prepare('INSERT OR REPLACE INTO copying VALUES (?, ?)').run(slot, JSON.stringify(at));
    });
  }

  /** Takes states as they are now: those of the keys that are not among them are there no more. */
  takeAgain(keys: readonly StateKey[], states: readonly StoredState[]): void {
    this.#within(() => {
      for (const key of keys) this.#drop.run(key);
      for (const { key, state, dueAtMs } of states) this.#put.run(key, state, dueAtMs ?? null);
    });
  }

  /** All states, in the order of their keys. */
  *states(): Generator<StoredState> {
    for (const row of this.#db.prepare('SELECT key, state, at FROM states ORDER BY key').iterate()) {
      const at = row['at'];
      yield { key: row['key'] as string, state: row['state'] as Uint8Array, ...(typeof at === 'number' && { dueAtMs: at }) };
    }
  }

  /** Slots that are copied whole. */
  done(): ReadonlyMap<string, SlotSnapshot> {
    const rows = this.#db.prepare('SELECT slot, snapshot FROM done').all();
    return new Map(rows.map((row) => [row['slot'] as string, JSON.parse(row['snapshot'] as string) as SlotSnapshot]));
  }

  /** Notes a slot as copied, and forgets its states. */
  finish(slot: string, snapshot: SlotSnapshot): void {
    this.#within(() => {
      this.#db.prepare('INSERT OR REPLACE INTO done VALUES (?, ?)').run(slot, JSON.stringify(snapshot));
      this.#db.exec('DELETE FROM states; DELETE FROM copying');
    });
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** The snapshot stands: nothing is under way any more. */
  remove(): void {
    this.#db.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.#path}${end}`, { force: true });
  }

  #within(work: () => void): void {
    this.#db.exec('BEGIN');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (fault) {
      this.#db.exec('ROLLBACK');
      throw fault;
    }
  }
}
