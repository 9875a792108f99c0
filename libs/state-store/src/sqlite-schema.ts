import type { SqliteValue, WriteStep } from '@attune/runtime/sqlite/transactions';

/**
 * Tables of the embedded store. One row of `slots` a slot; everything else hangs on its number.
 *
 * NORMAL does not wait for the disk at each commit. A power cut may then take the last commits back, whole and the latest first (https://sqlite.org/wal.html):
 * a rollback, which a view of the log is made to meet; a killed process loses nothing. The log itself is FULL.
 * The log is written again and again in few pages between two checkpoints: 8,000 pages (32 MB) cost half as much as SQLite's 1,000.
 */
export const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 8000;
PRAGMA cache_size = -16000;
CREATE TABLE IF NOT EXISTS slots (
  slot INTEGER PRIMARY KEY, processor TEXT NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL, watermark BLOB NOT NULL,
  UNIQUE (processor, part, parts));
CREATE TABLE IF NOT EXISTS states (slot INTEGER NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (slot, key));
CREATE TABLE IF NOT EXISTS outbox (slot INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (slot, id));
CREATE TABLE IF NOT EXISTS due (slot INTEGER NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (slot, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_at ON due (slot, at, key);
CREATE TABLE IF NOT EXISTS skips (slot INTEGER NOT NULL, position INTEGER NOT NULL, code TEXT NOT NULL, PRIMARY KEY (slot, position)) WITHOUT ROWID;
`;

/** Every statement that reads, and the one that makes a slot; prepared once. The slot's number is the first parameter. */
export const READS = {
  addSlot: `INSERT INTO slots (processor, part, parts, watermark) VALUES (?, ?, ?, x'')`,
  findSlot: 'SELECT slot FROM slots WHERE processor = ? AND part = ? AND parts = ?',
  watermark: 'SELECT watermark FROM slots WHERE slot = ?',
  state: 'SELECT state FROM states WHERE slot = ? AND key = ?',
  outbox: 'SELECT id, body FROM outbox WHERE slot = ?',
  due: 'SELECT key, at FROM due WHERE slot = ? AND at <= ? ORDER BY at, key LIMIT ?',
  page: 'SELECT s.key, s.state, d.at FROM states s LEFT JOIN due d ON d.slot = s.slot AND d.key = s.key WHERE s.slot = ? AND s.key > ? ORDER BY s.key LIMIT ?',
  dueOf: 'SELECT at FROM due WHERE slot = ? AND key = ?',
  skips: 'SELECT position, code FROM skips WHERE slot = ? ORDER BY position',
} as const;

const writes = {
  advance: 'UPDATE slots SET watermark = ?2 WHERE slot = ?1 AND watermark = ?3',
  putState: 'INSERT INTO states VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
  dropState: 'DELETE FROM states WHERE slot = ? AND key = ?',
  putEmission: 'INSERT OR REPLACE INTO outbox VALUES (?, ?, ?)',
  dropEmission: 'DELETE FROM outbox WHERE slot = ? AND id = ?',
  putDue: 'INSERT INTO due VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at WHERE at <> excluded.at',
  dropDue: 'DELETE FROM due WHERE slot = ? AND key = ?',
  putSkip: 'INSERT OR REPLACE INTO skips VALUES (?, ?, ?)',
  forgetAll: `UPDATE slots SET watermark = x'' WHERE slot = ?`,
  clearStates: 'DELETE FROM states WHERE slot = ?',
  clearOutbox: 'DELETE FROM outbox WHERE slot = ?',
  clearDue: 'DELETE FROM due WHERE slot = ?',
  clearSkips: 'DELETE FROM skips WHERE slot = ?',
} as const;

/** Every statement that changes a slot, in the order of their places. */
export const WRITES: readonly string[] = Object.values(writes);

const places = new Map(Object.keys(writes).map((name, place) => [name, place]));

/** A statement that changes a slot, to be run; the slot's number is the first parameter. `advance` changes no row where the watermark is not the third. */
export const write = (name: keyof typeof writes, ...values: readonly SqliteValue[]): WriteStep => ({ statement: places.get(name) ?? -1, values });
