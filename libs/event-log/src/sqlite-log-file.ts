import { randomUUID } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { partitionOf } from '@attune/kernel/hash';
import type { CommittedOffsets } from './group-offsets.ts';
import type { LogBounds, LogRecord, NewRecord, Position, TenantId, TopicSpec } from './port.ts';
import { RecentRecords } from './recent-records.ts';

/** One call of `append`, as it is written. */
export interface Appending {
  readonly tenant: TenantId;
  readonly topic: string;
  readonly records: readonly NewRecord[];
}

/** How much one read may return: the first record always comes. */
export interface ReadLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

interface Stream {
  readonly id: number;
  nextOffset: number;
  lastAppendedAtMs: number;
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
const schema = `
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

/** The database file of the embedded log: every method is synchronous, and each write is one transaction that is on the disk when it returns. */
export class SqliteLogFile {
  /** Made at random when the file is created. */
  readonly logId: string;
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #selectCommit: StatementSync;
  readonly #upsertCommit: StatementSync;
  readonly #topics = new Map<string, readonly Stream[]>();
  readonly #recent = new RecentRecords();

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(schema);
    this.logId = this.#readOrMakeId();
    this.#insert = this.#db.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#select = this.#db.prepare('SELECT * FROM records WHERE stream = ? AND offset >= ? ORDER BY offset LIMIT ?');
    this.#selectCommit = this.#db.prepare('SELECT offset FROM commits WHERE consumers = ? AND topic = ? AND partition = ?');
    this.#upsertCommit = this.#db.prepare('INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?)');
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
    return { startOffset: 0, endOffset: this.#streams(topic)[partition]?.nextOffset ?? 0 };
  }

  /** Writes all or nothing, in the order given. Times never go back within a partition. */
  append(appendings: readonly Appending[], nowMs: number): readonly (readonly Position[])[] {
    try {
      return this.#transaction(() => appendings.map((appending) => appending.records.map((record) => this.#put(appending, record, nowMs))));
    } catch (fault) {
      this.#topics.clear(); // the counters ran ahead of what was rolled back
      this.#recent.forget();
      throw fault;
    }
  }

  read(at: Position, { recordsMax, bytesMax }: ReadLimits): readonly LogRecord[] {
    const stream = this.#streams(at.topic)[at.partition];
    const found: LogRecord[] = [];
    if (stream === undefined || at.offset >= stream.nextOffset) return found;
    const recent = this.#recent.read(stream.id, at.offset, { recordsMax, bytesMax });
    if (recent) return recent;
    let bytes = 0;
    for (const row of this.#select.iterate(stream.id, at.offset, recordsMax)) {
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
   * The next append takes them to the disk, and never before what they speak of: one file keeps one order.
   */
  commit(committed: readonly CommittedOffsets[]): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#transaction(() => {
        for (const { group, topic, offsets } of committed) for (const [partition, offset] of offsets) this.#upsertCommit.run(group, topic, partition, offset);
      });
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #put({ tenant, topic }: Appending, { key, value, tombstone, headers, partition: wanted }: NewRecord, nowMs: number): Position {
    const streams = this.#streams(topic);
    const partition = wanted ?? partitionOf(key, streams.length);
    const stream = streams[partition];
    if (stream === undefined) throw new RangeError(`${topic} has no partition ${partition}`);
    const offset = stream.nextOffset++;
    stream.lastAppendedAtMs = Math.max(stream.lastAppendedAtMs, nowMs);
    const kept = tombstone ? null : value;
    const written = headers === undefined ? null : JSON.stringify(headers);
    this.#insert.run(stream.id, offset, stream.lastAppendedAtMs, tenant, key, kept, written);
    const row = { offset, appended_at_ms: stream.lastAppendedAtMs, tenant, key, value: kept && new Uint8Array(kept), headers: written };
    this.#recent.add(stream.id, toRecord({ topic, partition, offset }, row));
    return { topic, partition, offset };
  }

  #streams(topic: string): readonly Stream[] {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const last = this.#db.prepare('SELECT offset, appended_at_ms FROM records WHERE stream = ? ORDER BY offset DESC LIMIT 1');
    const streams = this.#db
      .prepare('SELECT id FROM streams WHERE topic = ? ORDER BY partition')
      .all(topic)
      .map(({ id }): Stream => {
        const row = last.get(id as number) as Pick<Row, 'offset' | 'appended_at_ms'> | undefined;
        return { id: id as number, nextOffset: row === undefined ? 0 : row.offset + 1, lastAppendedAtMs: row?.appended_at_ms ?? 0 };
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
