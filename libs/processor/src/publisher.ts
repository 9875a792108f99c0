import type { EventLog, NewRecord } from '@attune/event-log/port';
import type { Stopwatch } from '@attune/runtime/world';
import type { OutboxEntry } from '@attune/state-store/port';
import type { Emission } from './definition.ts';
import { decodeEmission } from './emission-codec.ts';

/** Told what became of what one partition gave to the publisher since it was adopted. */
export interface PublishListener {
  /** The entry is in its topic: it may leave the outbox. */
  published(id: string): void;
  /** Everything folded below `nextOffset` is published. */
  reached(nextOffset: number): void;
}

interface Waiting {
  readonly listener: PublishListener;
  readonly entry?: OutboxEntry;
  readonly nextOffset?: number;
}

const RETRY_MS = 200;

/** Publishes outbox entries of all partitions in the order given, on one send chain: a later entry is never in its topic before an earlier one. */
export class Publisher {
  readonly #log: EventLog;
  readonly #stopwatch: Stopwatch;
  #queue: Waiting[] = [];
  #running = false;
  #stopped = false;

  constructor(log: EventLog, stopwatch: Stopwatch) {
    this.#log = log;
    this.#stopwatch = stopwatch;
  }

  /** Takes the entries of one step, and the offset that is reached once they are published. */
  take(listener: PublishListener, entries: readonly OutboxEntry[], nextOffset: number): void {
    if (entries.length === 0 && this.#queue.length === 0 && !this.#running) {
      listener.reached(nextOffset);
      return;
    }
    for (const entry of entries) this.#queue.push({ listener, entry });
    this.#queue.push({ listener, nextOffset });
    if (!this.#running) void this.#run();
  }

  /** Ends the chain after the send that is under way; what waits stays in the outboxes. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0 && !this.#stopped) {
      const taken = this.#queue;
      this.#queue = [];
      if (!(await this.#send(taken))) break;
      for (const { listener, entry, nextOffset } of taken) {
        if (entry) listener.published(entry.id);
        if (nextOffset !== undefined) listener.reached(nextOffset);
      }
    }
    this.#running = false;
  }

  /** False once stopped. */
  async #send(taken: readonly Waiting[]): Promise<boolean> {
    const emissions = taken.flatMap(({ entry }) => (entry ? [decodeEmission(entry)] : []));
    for (const run of runsOf(emissions)) {
      for (let sent = false; !sent; ) {
        if (this.#stopped) return false;
        try {
          await this.#log.append(run.tenant, run.topic, run.records);
          sent = true;
        } catch {
          await this.#stopwatch.sleep(RETRY_MS);
        }
      }
    }
    return true;
  }
}

interface Run {
  readonly tenant: string;
  readonly topic: string;
  readonly records: NewRecord[];
}

/** Neighbours with the same tenant and topic, so that order holds within each topic. */
function runsOf(emissions: readonly Emission[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { id, tenant, topic, key, value, headers } of emissions) {
    let last = runs.at(-1);
    if (last?.tenant !== tenant || last.topic !== topic) {
      last = { tenant, topic, records: [] };
      runs.push(last);
    }
    last.records.push({ key, value, headers: { ...headers, id } });
  }
  return runs;
}
