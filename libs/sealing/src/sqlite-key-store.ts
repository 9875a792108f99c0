import { randomBytes } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { inlineExecutor, ThreadExecutor } from '@attune/runtime/sqlite/executors';
import type { WriteStep } from '@attune/runtime/sqlite/transactions';
import { SqliteWriter } from '@attune/runtime/sqlite/writer';
import type { Secrets } from '@attune/runtime/world';
import { unwrapKey, type WrappingKey, wrapKey, wrappingKeyOf } from './key-wrapping.ts';
import type { FoundKey, KeyId, KeyStore } from './port.ts';

/** Where the keys of one process lie. */
export interface SqliteKeyStoreOptions {
  /** A file, or ':memory:' for keys that end with the process. */
  readonly path: string;
  /** Holds the key of each tenant, without which the file opens nothing. */
  readonly secrets: Secrets;
}

const KEY_BYTES = 32;
const WAIT_FOR_WRITER_MS = 5_000;

// A destroyed key is a row without bytes. What is overwritten or freed in the file is filled with zeros: https://sqlite.org/pragma.html#pragma_secure_delete
const SCHEMA = `
  PRAGMA secure_delete = ON;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS keys (tenant TEXT NOT NULL, id TEXT NOT NULL, wrapped BLOB, PRIMARY KEY (tenant, id)) WITHOUT ROWID;`;

const WRITES = ['INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING', 'INSERT INTO keys VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL'];
const [ADD, BURY] = [0, 1];

/** The keys of one process, in one SQLite file, written in a thread of its own; what a call writes is on the disk when it returns. Any fault is KEY_UNAVAILABLE. */
export class SqliteKeyStore implements KeyStore {
  readonly #db: DatabaseSync;
  readonly #secrets: Secrets;
  readonly #select: StatementSync;
  readonly #writer: SqliteWriter;

  /** @throws AttuneError KEY_UNAVAILABLE when the file cannot be opened. */
  constructor({ path, secrets }: SqliteKeyStoreOptions) {
    this.#secrets = secrets;
    this.#db = answering(() => new DatabaseSync(path, { timeout: WAIT_FOR_WRITER_MS }));
    this.#select = answering(() => {
      this.#db.exec(SCHEMA);
      return this.#db.prepare('SELECT wrapped FROM keys WHERE tenant = ? AND id = ?');
    });
    const inMemory = path === ':memory:';
    const inFile = { path, setup: SCHEMA, statements: WRITES, timeoutMs: WAIT_FOR_WRITER_MS };
    this.#writer = new SqliteWriter(inMemory ? inlineExecutor(this.#db, WRITES) : new ThreadExecutor(inFile), { gathers: !inMemory });
  }

  /** What another has made or destroyed meanwhile stands: what was written is read again. */
  async ensure(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    const under = await wrappingKeyOf(this.#secrets, tenant);
    const found = answering(() => this.#read(under, tenant, ids));
    const absent = [...found].filter(([, { kind }]) => kind === 'absent').map(([id]) => id);
    if (absent.length === 0) return found;
    await this.#write(absent.map((id) => ({ statement: ADD, values: [tenant, id, wrapKey(under, [tenant, id], randomBytes(KEY_BYTES))] })));
    return answering(() => this.#read(under, tenant, ids));
  }

  async find(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    const under = await wrappingKeyOf(this.#secrets, tenant);
    return answering(() => this.#read(under, tenant, ids));
  }

  /** Also empties the write-ahead log, which would keep the old bytes. */
  async destroy(tenant: TenantId, ids: readonly KeyId[]): Promise<void> {
    await this.#write(ids.map((id) => ({ statement: BURY, values: [tenant, id] })));
    answering(() => this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get());
  }

  /** Writes what waits, then lets go of the file. A second call does nothing. */
  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#db.isOpen) this.#db.close();
  }

  #read(under: WrappingKey, tenant: TenantId, ids: readonly KeyId[]): Map<KeyId, FoundKey> {
    const found = new Map<KeyId, FoundKey>();
    for (const id of ids) {
      const row = this.#select.get(tenant, id) as { readonly wrapped: Uint8Array | null } | undefined;
      if (row === undefined) found.set(id, { kind: 'absent' });
      else found.set(id, row.wrapped === null ? { kind: 'destroyed' } : { kind: 'key', bytes: unwrapKey(under, [tenant, id], row.wrapped) });
    }
    return found;
  }

  async #write(steps: readonly WriteStep[]): Promise<void> {
    await this.#writer.add(() => ({ steps })).catch(unavailable);
  }
}

function answering<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    return unavailable(fault);
  }
}

function unavailable(fault: unknown): never {
  throw fault instanceof AttuneError ? fault : new AttuneError('KEY_UNAVAILABLE', '', fault);
}
