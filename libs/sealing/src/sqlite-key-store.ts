import { randomBytes } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
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
const schema = `
  PRAGMA secure_delete = ON;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS keys (tenant TEXT NOT NULL, id TEXT NOT NULL, wrapped BLOB, PRIMARY KEY (tenant, id)) WITHOUT ROWID;`;

/** The keys of one process, in one SQLite file; each call is one transaction that is on the disk when it returns. Any fault is KEY_UNAVAILABLE. */
export class SqliteKeyStore implements KeyStore {
  readonly #db: DatabaseSync;
  readonly #secrets: Secrets;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #bury: StatementSync;

  /** @throws AttuneError KEY_UNAVAILABLE when the file cannot be opened. */
  constructor({ path, secrets }: SqliteKeyStoreOptions) {
    this.#secrets = secrets;
    this.#db = answering(() => new DatabaseSync(path, { timeout: WAIT_FOR_WRITER_MS }));
    [this.#select, this.#insert, this.#bury] = answering(() => {
      this.#db.exec(schema);
      return [
        this.#db.prepare('SELECT wrapped FROM keys WHERE tenant = ? AND id = ?'),
        this.#db.prepare('INSERT INTO keys VALUES (?, ?, ?)'),
        this.#db.prepare('INSERT INTO keys VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL'),
      ] as const;
    });
  }

  async ensure(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    const under = await wrappingKeyOf(this.#secrets, tenant);
    return this.#transact(() => {
      const found = this.#read(under, tenant, ids);
      for (const [id, { kind }] of found) {
        if (kind !== 'absent') continue;
        const bytes = randomBytes(KEY_BYTES);
        this.#insert.run(tenant, id, wrapKey(under, [tenant, id], bytes));
        found.set(id, { kind: 'key', bytes });
      }
      return found;
    });
  }

  async find(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    const under = await wrappingKeyOf(this.#secrets, tenant);
    return answering(() => this.#read(under, tenant, ids));
  }

  /** Also empties the write-ahead log, which would keep the old bytes. */
  async destroy(tenant: TenantId, ids: readonly KeyId[]): Promise<void> {
    this.#transact(() => {
      for (const id of ids) this.#bury.run(tenant, id);
    });
    answering(() => this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get());
  }

  /** Lets go of the file. A second call does nothing. */
  async close(): Promise<void> {
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

  /** IMMEDIATE: a second writer on the file waits at the start, and then finds what the first has made. */
  #transact<T>(work: () => T): T {
    return answering(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (fault) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw fault;
      }
    });
  }
}

function answering<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw fault instanceof AttuneError ? fault : new AttuneError('KEY_UNAVAILABLE', '', fault);
  }
}
