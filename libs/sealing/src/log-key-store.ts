import { randomBytes } from 'node:crypto';
import type { EventLog, NewRecord, TenantId, TopicSpec } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { SharedRun } from '@attune/runtime/shared-run';
import type { Secrets, Stopwatch } from '@attune/runtime/world';
import { candidateRecord, keyNameOf, markerRecord } from './key-records.ts';
import { KeyView } from './key-view.ts';
import { unwrapKey, type WrappingKey, wrapKey, wrappingKeyOf } from './key-wrapping.ts';
import type { FoundKey, KeyId, KeyStore } from './port.ts';

/** Where the keys of a cluster lie. */
export interface LogKeyStoreOptions {
  /** Stays the caller's to close, after the store. */
  readonly log: EventLog;
  /** Holds the key of each tenant, without which the topic opens nothing. */
  readonly secrets: Secrets;
  /** Paces the following of the topic and says how old what was read is. */
  readonly stopwatch: Stopwatch;
  /** Default `attune.keys.v1`. */
  readonly topic?: string;
}

const KEY_BYTES = 32;
const READ_MAX = 5_000;
const APPEND_MAX = 2_000;
const FOLLOW_MS = 1_000;
const FRESH_MAX_MS = 5_000;

/** The topic of keys: compacted, and one partition, so that all that is said of a key has one order for ever. */
export const keysTopicOf = (topic = 'attune.keys.v1'): TopicSpec => ({ topic, partitions: 1, compacted: true });

/**
 * Keys in a compacted topic, and all of them wrapped in memory (docs/adr/0016). A known key is answered from what was read at most 5 s ago,
 * for anything else the topic is read to its end first; so an erasure elsewhere is seen within 5 s, in about 1 s while the log answers.
 * Joins no group and commits nothing. Any fault is KEY_UNAVAILABLE, as late as the log's own deadline.
 */
export class LogKeyStore implements KeyStore {
  readonly #log: EventLog;
  readonly #secrets: Secrets;
  readonly #stopwatch: Stopwatch;
  readonly #spec: TopicSpec;
  readonly #view = new KeyView();
  readonly #reading = new SharedRun(() => this.#readToEnd());
  #nextOffset = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #follows = false;
  #closed = false;

  constructor({ log, secrets, stopwatch, topic }: LogKeyStoreOptions) {
    this.#log = log;
    this.#secrets = secrets;
    this.#stopwatch = stopwatch;
    this.#spec = keysTopicOf(topic);
  }

  /** Makes the topic where it is absent, reads it to its end and then follows it. May be called again after a fault. @throws AttuneError KEY_UNAVAILABLE */
  async start(): Promise<void> {
    await answering(async () => {
      await this.#log.ensureTopics([this.#spec]);
      await this.#reading.run();
    });
    if (!this.#follows) void this.#follow();
  }

  ensure(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    return answering(async () => {
      const under = await wrappingKeyOf(this.#secrets, tenant);
      await this.#freshen(tenant, ids);
      const absent = this.#absent(tenant, ids);
      if (absent.length > 0) {
        const candidates = absent.map((id) => candidateRecord(keyNameOf(tenant, id), wrapKey(under, [tenant, id], randomBytes(KEY_BYTES))));
        await this.#append(tenant, candidates);
        await this.#reading.run();
        if (this.#absent(tenant, absent).length > 0) throw new AttuneError('KEY_UNAVAILABLE', 'The topic does not yet show what was appended to it.');
      }
      return this.#found(under, tenant, ids);
    });
  }

  find(tenant: TenantId, ids: readonly KeyId[]): Promise<ReadonlyMap<KeyId, FoundKey>> {
    return answering(async () => {
      const under = await wrappingKeyOf(this.#secrets, tenant);
      await this.#freshen(tenant, ids);
      return this.#found(under, tenant, ids);
    });
  }

  /** First the marker, then the tombstone: whoever sees the key gone has seen why. The bytes go when the topic is compacted, a day or two later. */
  destroy(tenant: TenantId, ids: readonly KeyId[]): Promise<void> {
    return answering(async () => {
      this.#mustBeOpen();
      const names = [...new Set(ids)].map((id) => keyNameOf(tenant, id)).filter((name) => this.#view.get(name) !== 'destroyed');
      if (names.length > 0) await this.#append(tenant, names.map(markerRecord));
      await this.#reading.run();
    });
  }

  /** Stops following. A second call does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading.idle();
  }

  async #follow(): Promise<void> {
    this.#follows = true;
    while (!this.#closed) {
      await this.#stopwatch.sleep(FOLLOW_MS);
      if (!this.#closed) await this.#reading.run().catch(() => undefined); // whoever asks for a key meets the fault
    }
  }

  async #freshen(tenant: TenantId, ids: readonly KeyId[]): Promise<void> {
    this.#mustBeOpen();
    const fresh = this.#stopwatch.elapsedMs() - this.#readAtMs <= FRESH_MAX_MS;
    if (!fresh || this.#absent(tenant, ids).length > 0) await this.#reading.run();
  }

  async #readToEnd(): Promise<void> {
    const { topic } = this.#spec;
    const startedMs = this.#stopwatch.elapsedMs();
    const { endOffset } = await this.#log.bounds(topic, 0);
    if (endOffset < this.#nextOffset) throw new AttuneError('KEY_UNAVAILABLE', `${topic} ends before what was read of it.`);
    while (this.#nextOffset < endOffset) {
      this.#mustBeOpen();
      const records = await this.#log.read(topic, 0, this.#nextOffset, READ_MAX);
      const last = records.at(-1);
      if (last === undefined) break;
      for (const record of records) this.#view.apply(record);
      this.#nextOffset = last.offset + 1;
    }
    await this.#payOwed();
    this.#readAtMs = startedMs;
  }

  /** No key is handed out before its rivals have their tombstones. */
  async #payOwed(): Promise<void> {
    for (const [tenant, owed] of Map.groupBy(this.#view.owed(), (one) => one.tenant)) {
      const records = owed.map(({ record }) => record);
      await this.#append(tenant, records);
      this.#view.paid(owed);
    }
  }

  /** In pieces, because the log has one deadline for each call. */
  async #append(tenant: TenantId, records: readonly NewRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += APPEND_MAX) await this.#log.append(tenant, this.#spec.topic, records.slice(from, from + APPEND_MAX));
  }

  #absent(tenant: TenantId, ids: readonly KeyId[]): readonly KeyId[] {
    return [...new Set(ids)].filter((id) => !this.#view.has(keyNameOf(tenant, id)));
  }

  #found(under: WrappingKey, tenant: TenantId, ids: readonly KeyId[]): ReadonlyMap<KeyId, FoundKey> {
    return new Map(
      ids.map((id): [KeyId, FoundKey] => {
        const known = this.#view.get(keyNameOf(tenant, id));
        if (known === undefined) return [id, { kind: 'absent' }];
        return [id, known === 'destroyed' ? { kind: 'destroyed' } : { kind: 'key', bytes: unwrapKey(under, [tenant, id], known) }];
      }),
    );
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new AttuneError('KEY_UNAVAILABLE', 'The store of keys is closed.');
  }
}

async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    throw fault instanceof AttuneError && fault.code === 'KEY_UNAVAILABLE' ? fault : new AttuneError('KEY_UNAVAILABLE', '', fault);
  }
}
