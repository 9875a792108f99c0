import { randomUUID } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { partitionOf } from '@attune/kernel/hash';
import { type Executor, inlineExecutor, ThreadExecutor } from '@attune/runtime/sqlite/executors';
import type { WriteStep } from '@attune/runtime/sqlite/transactions';
import { SqliteWriter } from '@attune/runtime/sqlite/writer';
import type { LogBounds, LogRecord, NewRecord, Position, TenantId, TopicSpec } from './port.ts';
import { RecentRecords } from './recent-records.ts';

/** One call of `append`, as it is written. */
export interface Appending {
  readonly tenant: TenantId;
  readonly topic: string;
  readonly records: readonly NewRecord[];
}

/** How far a group has come in partitions of a topic. */
export interface CommittedOffsets {
  readonly group: string;
  readonly topic: string;
  readonly offsets: ReadonlyMap<number, number>;
}

/** How much one read may return: the first record always comes. */
export interface ReadLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

interface Stream {
  readonly id: number;
  /** Of the next record that is given to the writer. */
  nextOffset: number;
  /** Behind the last record that is written: what readers see. */
  endOffset: number;
  lastAppendedAtMs: number;
}

/** A record with its place, on its way to the disk. */
interface Placed {
  readonly stream: Stream;
  readonly record: LogRecord;
  readonly step: WriteStep;
}

interface Row {
  readonly offset: number;
  readonly appended_at_ms: number;
  readonly tenant: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: string | null;
}

// Rows of some kilobytes lie badly in a table without rowid: https://sqlite.org/withoutrowid.html#when_to_use_without_rowid
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 8000;
  CREATE TABLE IF NOT EXISTS log (id TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS streams (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, UNIQUE (topic, partition));
  CREATE TABLE IF NOT EXISTS records (
    stream INTEGER NOT NULL, offset INTEGER NOT NULL, appended_at_ms INTEGER NOT NULL,
    tenant TEXT NOT NULL, key TEXT NOT NULL, value BLOB, headers TEXT, PRIMARY KEY (stream, offset));
  CREATE TABLE IF NOT EXISTS commits (
    consumers TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (consumers, topic, partition)) WITHOUT ROWID;`;

const WRITES = ['INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)', 'INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?)'];
const [INSERT, UPSERT_COMMIT] = [0, 1];
const WAIT_FOR_WRITER_MS = 5_000;

/** The database file of the embedded log. Reads are synchronous; what is written goes through a thread of its own, and readers see it once it is on the disk. */
export class SqliteLogFile {
  /** Made at random when the file is created. */
  readonly logId: string;
  readonly #db: DatabaseSync;
  readonly #writer: SqliteWriter;
  readonly #select: StatementSync;
  readonly #selectCommit: StatementSync;
  readonly #topics = new Map<string, readonly Stream[]>();
  readonly #recent = new RecentRecords();

  readonly #follows: boolean;

  /**
   * @param path a file, or ':memory:', which is written on the caller's thread
   * @param follows whether another process appends: ends are then read from the file at each call
   */
  constructor(path: string, follows = false) {
    this.#follows = follows;
    this.#db = new DatabaseSync(path, { timeout: WAIT_FOR_WRITER_MS });
    this.#db.exec(SCHEMA);
    this.logId = this.#readOrMakeId();
    this.#select = this.#db.prepare('SELECT * FROM records WHERE stream = ? AND offset >= ? ORDER BY offset LIMIT ?');
    this.#selectCommit = this.#db.prepare('SELECT offset FROM commits WHERE consumers = ? AND topic = ? AND partition = ?');
    const failed = (): void => this.#forget();
    this.#writer = new SqliteWriter(executorFor(path, this.#db), { gathers: true, failed });
  }

  /** Makes the topics that are absent. */
  ensure(specs: readonly TopicSpec[]): void {
    const insert = this.#db.prepare('INSERT INTO streams (topic, partition) VALUES (?, ?)');
    this.#transaction(() => {
      for (const { topic, partitions } of specs) {
        if (this.partitions(topic) > 0) continue;
        for (let partition = 0; partition < partitions; partition++) insert.run(topic, partition);
      }
    });
  }

  /** The number of partitions, 0 for an unknown topic. */
  partitions(topic: string): number {
    return this.#streams(topic).length;
  }

  bounds(topic: string, partition: number): LogBounds {
    return { startOffset: 0, endOffset: this.#streams(topic)[partition]?.endOffset ?? 0 };
  }

  /**
   * Places the records when their turn to be written comes, at `nowMs()`, in the order of the calls, all or nothing with those of the same turn.
   * Times never go back within a partition. Resolves once they are on the disk and readers see them.
   */
  async append(appending: Appending, nowMs: () => number): Promise<readonly Position[]> {
    let placed: readonly Placed[] = [];
    await this.#writer.add(() => {
      const atMs = nowMs();
      placed = appending.records.map((record) => this.#place(appending, record, atMs));
      return { steps: placed.map(({ step }) => step) };
    });
    for (const { stream, record } of placed) {
      stream.endOffset = record.offset + 1;
      this.#recent.add(stream.id, record);
    }
    return placed.map(({ record: { topic, partition, offset } }) => ({ topic, partition, offset }));
  }

  read(at: Position, { recordsMax, bytesMax }: ReadLimits): readonly LogRecord[] {
    const stream = this.#streams(at.topic)[at.partition];
    const found: LogRecord[] = [];
    if (stream === undefined || at.offset >= stream.endOffset) return found;
    const recent = this.#recent.read(stream.id, at.offset, { recordsMax, bytesMax });
    if (recent) return recent;
    let bytes = 0;
    for (const row of this.#select.iterate(stream.id, at.offset, Math.min(recordsMax, stream.endOffset - at.offset))) {
      const record = toRecord(at, row as unknown as Row);
      bytes += record.value.length;
      if (found.length > 0 && bytes > bytesMax) break;
      found.push(record);
    }
    return found;
  }

  committed(group: string, topic: string, partition: number): number | undefined {
    return this.#selectCommit.get(group, topic, partition)?.['offset'] as number | undefined;
  }

  /**
   * Not waited for by the disk: a power cut may take the last ones back, and then a group is given again what it has handled, as may always happen.
   * The append that is written with them, or the next, takes them to the disk, and never before what they speak of: one file keeps one order.
   */
  async commit({ group, topic, offsets }: CommittedOffsets): Promise<void> {
    const steps = [...offsets].map(([partition, offset]) => ({ statement: UPSERT_COMMIT, values: [group, topic, partition, offset] }));
    await this.#writer.add(() => ({ steps, relaxed: true }));
  }

  /** Writes what waits, then lets go of the file. */
  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#db.isOpen) this.#db.close();
  }

  #place({ tenant, topic }: Appending, { key, value, tombstone, headers, partition: wanted }: NewRecord, nowMs: number): Placed {
    const streams = this.#streams(topic);
    const partition = wanted ?? partitionOf(key, streams.length);
    const stream = streams[partition];
    if (stream === undefined) throw new RangeError(`${topic} has no partition ${partition}`);
    const offset = stream.nextOffset++;
    stream.lastAppendedAtMs = Math.max(stream.lastAppendedAtMs, nowMs);
    const row = { offset, appended_at_ms: stream.lastAppendedAtMs, tenant, key, value: tombstone ? null : new Uint8Array(value) };
    const written = headers === undefined ? null : JSON.stringify(headers);
    const values = [stream.id, offset, row.appended_at_ms, tenant, key, row.value, written];
    return { stream, record: toRecord({ topic, partition, offset }, { ...row, headers: written }), step: { statement: INSERT, values } };
  }

  /** The counters ran ahead of what was not written: they are read anew. */
  #forget(): void {
    this.#topics.clear();
    this.#recent.forget();
  }

  #streams(topic: string): readonly Stream[] {
    const known = this.#topics.get(topic);
    if (known !== undefined && !this.#follows) return known;
    const last = this.#db.prepare('SELECT offset, appended_at_ms FROM records WHERE stream = ? ORDER BY offset DESC LIMIT 1');
    const streams = this.#db
      .prepare('SELECT id FROM streams WHERE topic = ? ORDER BY partition')
      .all(topic)
      .map(({ id }): Stream => {
        const row = last.get(id as number) as Pick<Row, 'offset' | 'appended_at_ms'> | undefined;
        const endOffset = row === undefined ? 0 : row.offset + 1;
        return { id: id as number, nextOffset: endOffset, endOffset, lastAppendedAtMs: row?.appended_at_ms ?? 0 };
      });
    if (streams.length > 0) this.#topics.set(topic, streams);
    return streams;
  }

  #readOrMakeId(): string {
    const row = this.#db.prepare('SELECT id FROM log').get();
    if (row !== undefined) return row['id'] as string;
    const id = randomUUID();
    this.#db.prepare('INSERT INTO log VALUES (?)').run(id);
    return id;
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (fault) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw fault;
    }
  }
}

const executorFor = (path: string, db: DatabaseSync): Executor =>
  path === ':memory:' ? inlineExecutor(db, WRITES) : new ThreadExecutor({ path, setup: SCHEMA, statements: WRITES, timeoutMs: WAIT_FOR_WRITER_MS });

const toRecord = ({ topic, partition }: Position, row: Row): LogRecord => ({
  topic,
  partition,
  offset: row.offset,
  appendedAtMs: row.appended_at_ms,
  tenant: row.tenant,
  key: row.key,
  value: row.value ?? new Uint8Array(0),
  ...(row.value === null ? { tombstone: true } : {}),
  headers: row.headers === null ? {} : (JSON.parse(row.headers) as Record<string, string>),
});
