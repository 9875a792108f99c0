import type { EventLog, LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { Stopwatch } from '@attune/runtime/world';
import { PROFILES } from './profile-changes.ts';

const LOOK_MS = 100;
const LOOK_AFTER_FAULT_MS = 1_000;
const READ_MAX = 500;
const WAITING_MAX = 256;

/** What a watcher hears. */
export interface Watched {
  /** The records of the profile from the subscription on; ends with the signal, and when the feed stops. @throws AttuneError OVERLOADED for a watcher that is 256 records behind */
  records(signal: AbortSignal): AsyncIterable<LogRecord>;
  close(): void;
}

/** What is published of profiles, for those who watch one: each partition of attune.profiles.v1 is read once for all its watchers, and not at all without any. */
export class ProfileFeed {
  readonly #log: Pick<EventLog, 'bounds' | 'read'>;
  readonly #stopwatch: Stopwatch;
  readonly #partitions: number;
  readonly #watchers = new Map<number, Set<Watcher>>();
  #stopped = false;

  constructor({ log, stopwatch, partitions }: { readonly log: Pick<EventLog, 'bounds' | 'read'>; readonly stopwatch: Stopwatch; readonly partitions: number }) {
    this.#log = log;
    this.#stopwatch = stopwatch;
    this.#partitions = partitions;
  }

  /** Everything that is published of the profile from now on. @throws AttuneError LOG_UNAVAILABLE */
  async watch(tenant: string, profileId: string): Promise<Watched> {
    const partition = partitionOf(profileId, this.#partitions);
    const { endOffset } = await this.#log.bounds(PROFILES, partition);
    const watcher = new Watcher(tenant, profileId, endOffset);
    const theirs = this.#watchers.get(partition);
    if (theirs) theirs.add(watcher);
    else {
      this.#watchers.set(partition, new Set([watcher]));
      void this.#follow(partition, endOffset);
    }
    if (this.#stopped) watcher.end();
    return { records: (signal) => watcher.records(signal), close: () => this.#leave(partition, watcher) };
  }

  /** Ends all watching. */
  stop(): void {
    this.#stopped = true;
    for (const theirs of this.#watchers.values()) for (const watcher of theirs) watcher.end();
  }

  #leave(partition: number, watcher: Watcher): void {
    this.#watchers.get(partition)?.delete(watcher);
  }

  async #follow(partition: number, from: number): Promise<void> {
    const theirs = this.#watchers.get(partition) ?? new Set();
    for (let next = from; theirs.size > 0 && !this.#stopped; ) {
      const records = await this.#log.read(PROFILES, partition, next, READ_MAX).catch(() => undefined);
      for (const record of records ?? []) for (const watcher of theirs) watcher.hear(record);
      next = (records?.at(-1)?.offset ?? next - 1) + 1;
      if (records === undefined || records.length < READ_MAX) await this.#stopwatch.sleep(records === undefined ? LOOK_AFTER_FAULT_MS : LOOK_MS);
    }
    // Nobody came meanwhile: the set is looked at and let go of in one turn.
    this.#watchers.delete(partition);
  }
}

class Watcher {
  readonly #tenant: string;
  readonly #profileId: string;
  readonly #from: number;
  readonly #waiting: LogRecord[] = [];
  #behind = false;
  #ended = false;
  #wake: () => void = () => {};

  constructor(tenant: string, profileId: string, from: number) {
    this.#tenant = tenant;
    this.#profileId = profileId;
    this.#from = from;
  }

  hear(record: LogRecord): void {
    if (record.key !== this.#profileId || record.tenant !== this.#tenant || record.offset < this.#from || this.#behind) return;
    if (this.#waiting.length >= WAITING_MAX) {
      this.#behind = true;
      this.#waiting.length = 0;
    } else this.#waiting.push(record);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *records(signal: AbortSignal): AsyncIterable<LogRecord> {
    signal.addEventListener('abort', () => this.end(), { once: true });
    while (!this.#ended && !signal.aborted) {
      if (this.#behind) throw new AttuneError('OVERLOADED', `The reader is more than ${WAITING_MAX} changes behind: watch again, and read faster.`);
      const record = this.#waiting.shift();
      if (record) yield record;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
