import type { LogRecord, NewRecord, TenantId } from '@attune/event-log/port';
import { candidateKeyOf, type KeyName, keyEntryOf, markerRecord, tombstoneRecord } from './key-records.ts';

/** A record that the log lacks, and the tenant that it is to be appended for. */
export interface OwedRecord {
  readonly tenant: TenantId;
  readonly record: NewRecord;
}

/** One byte a character: a string of its own is a fifth of the memory of a byte array, and does not hold on to the batch that it was fetched in. */
const TEXT = 'latin1';
const DESTROYED = '';

/** What the topic of keys says after all records that were applied, in log order (docs/adr/0016). Keys stay wrapped in it. */
export class KeyView {
  readonly #winners = new Map<KeyName, string>();
  readonly #owed = new Map<string, OwedRecord>();

  /** True where anything was said of that place. */
  has(name: KeyName): boolean {
    return this.#winners.has(name);
  }

  /** The wrapped key of that place, that it is destroyed, or undefined where nothing was said of it. */
  get(name: KeyName): Uint8Array | 'destroyed' | undefined {
    const won = this.#winners.get(name);
    if (won === undefined) return undefined;
    return won === DESTROYED ? 'destroyed' : Buffer.from(won, TEXT);
  }

  /**
   * Takes one record in. The first candidate wins; a marker, or the tombstone of a winner, wins over every candidate before and after.
   * Every other candidate is owed a tombstone: compaction may move a repeated record behind those that it came before, and then must find no rival there.
   */
  apply(record: LogRecord): void {
    const entry = keyEntryOf(record);
    if (entry === undefined) return;
    const won = this.#winners.get(entry.name);
    if (entry.kind === 'marker') {
      this.#owed.delete(record.key);
      this.#destroy(entry.name, won, record.tenant);
    } else if (entry.kind === 'candidate') {
      const wrapped = Buffer.from(entry.wrapped).toString(TEXT);
      if (won === undefined) this.#winners.set(entry.name, wrapped);
      else if (won !== wrapped) this.#owe(record.tenant, tombstoneRecord(record.key));
    } else {
      this.#owed.delete(record.key);
      if (won && candidateKeyOf(entry.name, Buffer.from(won, TEXT)) === record.key) {
        this.#winners.set(entry.name, DESTROYED);
        this.#owe(record.tenant, markerRecord(entry.name));
      }
    }
  }

  /** What is to be appended, until it is read or `paid`. */
  owed(): readonly OwedRecord[] {
    return [...this.#owed.values()];
  }

  /** Notes that these were appended. */
  paid(owed: readonly OwedRecord[]): void {
    for (const { record } of owed) this.#owed.delete(record.key);
  }

  #destroy(name: KeyName, won: string | undefined, tenant: TenantId): void {
    this.#winners.set(name, DESTROYED);
    if (won) this.#owe(tenant, tombstoneRecord(candidateKeyOf(name, Buffer.from(won, TEXT))));
  }

  #owe(tenant: TenantId, record: NewRecord): void {
    this.#owed.set(record.key, { tenant, record });
  }
}
