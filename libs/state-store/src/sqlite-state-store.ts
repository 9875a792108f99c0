import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AttuneError } from '@attune/kernel/errors';
import { inlineExecutor, ThreadExecutor } from '@attune/runtime/sqlite/executors';
import type { WriteStep } from '@attune/runtime/sqlite/transactions';
import { SqliteWriter } from '@attune/runtime/sqlite/writer';
import { byId } from './outbox-order.ts';
import type {
  CommitResult,
  DueEntry,
  OutboxEntry,
  Slot,
  SlotChange,
  SlotCopy,
  SlotPage,
  SlotRead,
  SlotReader,
  StateKey,
  StateStore,
  StoredState,
  Watermark,
} from './port.ts';
import { READS, SCHEMA, WRITES, write } from './sqlite-schema.ts';

// https://sqlite.org/rescode.html#full
const SQLITE_FULL = 13;

const WAIT_FOR_WRITER_MS = 5_000;

export interface SqliteStateStoreOptions {
  /** Upper bound of the file, in pages of 4 KiB; a step beyond it is refused with STORE_FULL. Default: the disk. */
  readonly pagesMax?: number;
}

/**
 * The view in one file, or in memory with ':memory:'. Reads are made at once, on the caller's thread; what is written to a file goes through a thread of its own,
 * and the commits of several slots share a transaction.
 */
export class SqliteStateStore implements StateStore, SlotReader {
  readonly #db: DatabaseSync;
  readonly #reads: Readonly<Record<keyof typeof READS, StatementSync>>;
  readonly #writer: SqliteWriter;
  readonly #slots = new Map<string, number>();

  /** @throws AttuneError STORE_UNAVAILABLE when the file cannot be opened. */
  constructor(path: string, { pagesMax }: SqliteStateStoreOptions = {}) {
    const inMemory = path === ':memory:';
    const setup = pagesMax === undefined ? SCHEMA : `${SCHEMA} PRAGMA max_page_count = ${pagesMax};`;
    this.#db = translated(() => new DatabaseSync(path, { timeout: WAIT_FOR_WRITER_MS }));
    this.#reads = translated(() => {
      this.#db.exec(setup);
      const prepared = Object.entries(READS).map(([name, sql]) => [name, this.#db.prepare(sql)]);
      return Object.fromEntries(prepared) as Record<keyof typeof READS, StatementSync>;
    });
    const inFile = { path, setup, statements: WRITES, timeoutMs: WAIT_FOR_WRITER_MS };
    this.#writer = new SqliteWriter(inMemory ? inlineExecutor(this.#db, WRITES) : new ThreadExecutor(inFile), { gathers: !inMemory, triesAlone: true });
  }

  async read(slot: Slot, keys: readonly StateKey[]): Promise<SlotRead> {
    const absent = { watermark: new Uint8Array(0), states: keys.map(() => undefined) };
    return this.#look(slot, absent, (id) => ({
      watermark: this.#watermark(id),
      states: keys.map((key) => this.#reads.state.get(id, key)?.['state'] as Uint8Array | undefined),
    }));
  }

  async commit(slot: Slot, expected: Watermark, change: SlotChange): Promise<CommitResult> {
    const id = this.#slotId(slot);
    const unit = { guard: write('advance', id, change.watermark, expected), steps: stepsOf(id, change) };
    const held = await this.#writer.add(() => unit).catch(unavailable);
    return held ? { kind: 'committed' } : { kind: 'mismatch', watermark: translated(() => this.#watermark(id)) };
  }

  async outbox(slot: Slot): Promise<{ readonly watermark: Watermark; readonly entries: readonly OutboxEntry[] }> {
    return this.#look(slot, { watermark: new Uint8Array(0), entries: [] }, (id) => ({ watermark: this.#watermark(id), entries: this.#outbox(id) }));
  }

  async trim(slot: Slot, ids: readonly string[]): Promise<void> {
    await this.#change(slot, (id) => ids.map((entry) => write('dropEmission', id, entry)));
  }

  async due(slot: Slot, untilMs: number, max: number): Promise<readonly DueEntry[]> {
    return translated(() => {
      const id = this.#findSlot(slot);
      if (id === undefined) return [];
      return this.#reads.due.all(id, untilMs, max).map((row) => ({ key: row['key'] as string, dueAtMs: row['at'] as number }));
    });
  }

  async skipped(slot: Slot): Promise<ReadonlyMap<number, string>> {
    return this.#look<ReadonlyMap<number, string>>(slot, new Map(), (id) => this.#skips(id));
  }

  async page(slot: Slot, cursor: string | undefined, max: number): Promise<SlotPage> {
    return this.#look<SlotPage>(slot, { watermark: new Uint8Array(0), states: [], next: undefined }, (id) => {
      const states = this.#reads.page.all(id, cursor ?? '', max).map((row) => storedState(row['key'] as string, row['state'], row['at']));
      return { watermark: this.#watermark(id), states, next: states.length < max ? undefined : states.at(-1)?.key };
    });
  }

  async copy(slot: Slot, keys: readonly StateKey[]): Promise<SlotCopy> {
    return this.#look<SlotCopy>(slot, { watermark: new Uint8Array(0), states: [], emissions: [], skipped: new Map() }, (id) => ({
      watermark: this.#watermark(id),
      states: keys.flatMap((key) => {
        const state = this.#reads.state.get(id, key)?.['state'];
        return state === undefined ? [] : [storedState(key, state, this.#reads.dueOf.get(id, key)?.['at'])];
      }),
      emissions: this.#outbox(id),
      skipped: this.#skips(id),
    }));
  }

  async clear(slot: Slot): Promise<void> {
    await this.#change(slot, (id) => (['clearStates', 'clearOutbox', 'clearDue', 'clearSkips', 'forgetAll'] as const).map((name) => write(name, id)));
  }

  /** Writes what waits, then lets go of the file. */
  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#db.isOpen) this.#db.close();
  }

  async #change(slot: Slot, steps: (slotId: number) => readonly WriteStep[]): Promise<void> {
    const id = this.#slotId(slot);
    await this.#writer.add(() => ({ steps: steps(id) })).catch(unavailable);
  }

  #outbox(id: number): OutboxEntry[] {
    return this.#reads.outbox
      .all(id)
      .map((row) => ({ id: row['id'] as string, body: row['body'] as Uint8Array }))
      .sort(byId);
  }

  #skips(id: number): ReadonlyMap<number, string> {
    return new Map(this.#reads.skips.all(id).map((row) => [row['position'] as number, row['code'] as string]));
  }

  #watermark(id: number): Uint8Array {
    return this.#reads.watermark.get(id)?.['watermark'] as Uint8Array;
  }

  /** IMMEDIATE: of two that would make the slot, the second finds it made. */
  #slotId(slot: Slot): number {
    const make = (): number => Number(this.#reads.addSlot.run(slot.processor, slot.partition, slot.partitions).lastInsertRowid);
    return translated(() => this.#findSlot(slot)) ?? this.#within('BEGIN IMMEDIATE', () => this.#findSlot(slot) ?? make());
  }

  #findSlot({ processor, partition, partitions }: Slot): number | undefined {
    const name = `${partition}/${partitions}/${processor}`;
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const id = this.#reads.findSlot.get(processor, partition, partitions)?.['slot'] as number | undefined;
    if (id !== undefined) this.#slots.set(name, id);
    return id;
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

function storedState(key: StateKey, state: unknown, at: unknown): StoredState {
  return { key, state: state as Uint8Array, ...(typeof at === 'number' && { dueAtMs: at }) };
}

function stepsOf(id: number, change: SlotChange): readonly WriteStep[] {
  return [
    ...change.published.map((entry) => write('dropEmission', id, entry)),
    ...change.emissions.map((emission) => write('putEmission', id, emission.id, emission.body)),
    ...[...change.states].map(([key, state]) => (state === undefined ? write('dropState', id, key) : write('putState', id, key, state))),
    ...[...change.due].map(([key, dueAtMs]) => (dueAtMs === undefined ? write('dropDue', id, key) : write('putDue', id, key, dueAtMs))),
    ...[...change.skipped].map(([offset, code]) => write('putSkip', id, offset, code)),
  ];
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    return unavailable(fault);
  }
}

function unavailable(fault: unknown): never {
  const full = fault instanceof Error && 'errcode' in fault && fault.errcode === SQLITE_FULL;
  throw new AttuneError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', '', fault);
}
