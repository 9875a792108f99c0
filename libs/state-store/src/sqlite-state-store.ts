import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AttuneError } from '@attune/kernel/errors';
import { byId } from './outbox-order.ts';
import type { CommitResult, DueEntry, OutboxEntry, Slot, SlotChange, SlotRead, StateKey, StateStore, Watermark } from './port.ts';
import { SCHEMA, STATEMENTS } from './sqlite-schema.ts';

// https://sqlite.org/rescode.html#full
const SQLITE_FULL = 13;

export interface SqliteStateStoreOptions {
  /** Upper bound of the file, in pages of 4 KiB; a step beyond it is refused with STORE_FULL. Default: the disk. */
  readonly pagesMax?: number;
}

/** The view in one file, or in memory with ':memory:'. Calls do their work at once, one transaction each, on the caller's thread. */
export class SqliteStateStore implements StateStore {
  readonly #db: DatabaseSync;
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  readonly #slots = new Map<string, number>();

  /** @throws AttuneError STORE_UNAVAILABLE when the file cannot be opened. */
  constructor(path: string, { pagesMax }: SqliteStateStoreOptions = {}) {
    this.#db = translated(() => new DatabaseSync(path, { timeout: 5_000 }));
    this.#statements = translated(() => {
      this.#db.exec(SCHEMA);
      if (pagesMax !== undefined) this.#db.exec(`PRAGMA max_page_count = ${pagesMax}`);
      const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, this.#db.prepare(sql)]);
      return Object.fromEntries(prepared) as Record<keyof typeof STATEMENTS, StatementSync>;
    });
  }

  async read(slot: Slot, keys: readonly StateKey[]): Promise<SlotRead> {
    const absent = { watermark: new Uint8Array(0), states: keys.map(() => undefined) };
    return this.#look(slot, absent, (id) => ({
      watermark: this.#watermark(id),
      states: keys.map((key) => this.#statements.state.get(id, key)?.['state'] as Uint8Array | undefined),
    }));
  }

  async commit(slot: Slot, expected: Watermark, change: SlotChange): Promise<CommitResult> {
    return this.#transact(slot, (id): CommitResult => {
      const watermark = this.#watermark(id);
      if (Buffer.compare(watermark, expected) !== 0) return { kind: 'mismatch', watermark };
      this.#apply(id, change);
      return { kind: 'committed' };
    });
  }

  async outbox(slot: Slot): Promise<{ readonly watermark: Watermark; readonly entries: readonly OutboxEntry[] }> {
    return this.#look(slot, { watermark: new Uint8Array(0), entries: [] }, (id) => ({
      watermark: this.#watermark(id),
      entries: this.#statements.outbox
        .all(id)
        .map((row) => ({ id: row['id'] as string, body: row['body'] as Uint8Array }))
        .sort(byId),
    }));
  }

  async trim(slot: Slot, ids: readonly string[]): Promise<void> {
    this.#transact(slot, (id) => {
      for (const entry of ids) this.#statements.dropEmission.run(id, entry);
    });
  }

  async due(slot: Slot, untilMs: number, max: number): Promise<readonly DueEntry[]> {
    return this.#look(slot, [], (id) => this.#statements.due.all(id, untilMs, max).map((row) => ({ key: row['key'] as string, dueAtMs: row['at'] as number })));
  }

  async skipped(slot: Slot): Promise<ReadonlyMap<number, string>> {
    return this.#look(slot, new Map(), (id) => new Map(this.#statements.skips.all(id).map((row) => [row['position'] as number, row['code'] as string])));
  }

  async clear(slot: Slot): Promise<void> {
    this.#transact(slot, (id) => {
      const { clearStates, clearOutbox, clearDue, clearSkips, advance } = this.#statements;
      for (const statement of [clearStates, clearOutbox, clearDue, clearSkips]) statement.run(id);
      advance.run(id, new Uint8Array(0));
    });
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #apply(id: number, change: SlotChange): void {
    const { dropEmission, putEmission, dropState, putState, dropDue, putDue, putSkip, advance } = this.#statements;
    for (const entry of change.published) dropEmission.run(id, entry);
    for (const emission of change.emissions) putEmission.run(id, emission.id, emission.body);
    for (const [key, state] of change.states) state === undefined ? dropState.run(id, key) : putState.run(id, key, state);
    for (const [key, dueAtMs] of change.due) dueAtMs === undefined ? dropDue.run(id, key) : putDue.run(id, key, dueAtMs);
    for (const [offset, code] of change.skipped) putSkip.run(id, offset, code);
    advance.run(id, change.watermark);
  }

  #watermark(id: number): Uint8Array {
    return this.#statements.watermark.get(id)?.['watermark'] as Uint8Array;
  }

  #slotId(slot: Slot): number {
    return this.#findSlot(slot) ?? Number(this.#statements.addSlot.run(slot.processor, slot.partition, slot.partitions).lastInsertRowid);
  }

  #findSlot({ processor, partition, partitions }: Slot): number | undefined {
    const name = `${partition}/${partitions}/${processor}`;
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const id = this.#statements.findSlot.get(processor, partition, partitions)?.['slot'] as number | undefined;
    if (id !== undefined) this.#slots.set(name, id);
    return id;
  }

  /** IMMEDIATE: a second writer on the file waits at the start instead of failing in the middle. */
  #transact<T>(slot: Slot, work: (slotId: number) => T): T {
    return this.#within('BEGIN IMMEDIATE', () => work(this.#slotId(slot)));
  }

  /** Takes no lock that others wait for, and makes no slot: `absent` where there is none. */
  #look<T>(slot: Slot, absent: T, work: (slotId: number) => T): T {
    return this.#within('BEGIN', () => {
      const id = this.#findSlot(slot);
      return id === undefined ? absent : work(id);
    });
  }

  #within<T>(begin: string, work: () => T): T {
    return translated(() => {
      this.#db.exec(begin);
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

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    const full = fault instanceof Error && 'errcode' in fault && fault.errcode === SQLITE_FULL;
    throw new AttuneError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', '', fault);
  }
}
