import type { BatchControl, BatchVerdict, Consumption, EventLog, LogBatch } from '@attune/event-log/port';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { Slot, StateStore } from '@attune/state-store/port';
import { type ProcessorDefinition, tenantOf } from './definition.ts';
import { recordLog } from './log-identity.ts';
import { PartitionOwner } from './partition-owner.ts';
import { Publisher } from './publisher.ts';
import type { StateCache } from './state-cache.ts';

export interface ProcessorPorts {
  readonly log: EventLog;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

/** How one partition of a running processor stands. */
export interface PartitionStatus {
  readonly partition: number;
  readonly nextOffset: number;
  readonly publishedUpTo: number | undefined;
  readonly stoppedBy: string | undefined;
}

export interface ProcessorOptions<S> {
  /** Between two looks at idle partitions, in ms. */
  readonly tendEveryMs?: number;
  readonly cacheFor?: (partition: number) => StateCache<S>;
}

const TEND_EVERY_MS = 1_000;
const DUE_MAX = 256;

/** Runs one definition over its topic: as many owners as the group gives it partitions. */
export class Processor<S> {
  readonly #definition: ProcessorDefinition<S>;
  readonly #ports: ProcessorPorts;
  readonly #options: ProcessorOptions<S>;
  readonly #publisher: Publisher;
  readonly #owners = new Map<number, PartitionOwner<S>>();
  readonly #asked = new Map<string, number>();
  readonly #committed = new Map<number, number>();
  #partitions = 0;
  #consumption: Consumption | undefined;
  #stopped = false;

  constructor(definition: ProcessorDefinition<S>, ports: ProcessorPorts, options: ProcessorOptions<S> = {}) {
    this.#definition = definition;
    this.#ports = ports;
    this.#options = options;
    this.#publisher = new Publisher(ports.log, ports.stopwatch);
  }

  /** Joins the group and begins to fold. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE; LOG_IDENTITY_CHANGED for another log or partition count than before */
  async start(): Promise<void> {
    const { topic, name } = this.#definition;
    const identity = await this.#ports.log.identity(topic);
    await recordLog(this.#ports.store, name, identity);
    this.#partitions = identity.partitions;
    const handler = { onBatch: (batch: LogBatch, control: BatchControl): Promise<BatchVerdict> => this.#ownerOf(batch.partition).handle(batch, control) };
    this.#consumption = await this.#ports.log.consume({ topic, group: name, handler });
    void this.#tend(this.#consumption);
  }

  /** Leaves the group within `graceMs`; what was folded and not published waits in the outbox for the next owner. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await this.#consumption?.stop(graceMs);
    this.#publisher.stop();
  }

  status(): readonly PartitionStatus[] {
    return [...this.#owners].map(([partition, { nextOffset, publishedUpTo, stoppedBy }]) => ({ partition, nextOffset, publishedUpTo, stoppedBy }));
  }

  /** The slot of a partition, for readers of its states. */
  slotOf(partition: number): Slot {
    return { processor: this.#definition.name, partition, partitions: this.#partitions };
  }

  #ownerOf(partition: number): PartitionOwner<S> {
    let owner = this.#owners.get(partition);
    if (owner === undefined) {
      const cache = this.#options.cacheFor?.(partition);
      const { log, store } = this.#ports;
      owner = new PartitionOwner({ definition: this.#definition, log, store, publisher: this.#publisher, ...(cache ? { cache } : {}) }, this.slotOf(partition));
      this.#owners.set(partition, owner);
    }
    return owner;
  }

  async #tend(consumption: Consumption): Promise<void> {
    while (!this.#stopped) {
      const { generation, partitions } = consumption.assignment();
      for (const partition of partitions) {
        const owner = this.#ownerOf(partition);
        const offset = await owner.tend(generation);
        if (offset !== undefined) consumption.seek(partition, offset);
        if (owner.stoppedBy === undefined) await this.#wakeDue(owner);
      }
      await this.#commitOffsets(consumption, partitions);
      await this.#ports.stopwatch.sleep(this.#options.tendEveryMs ?? TEND_EVERY_MS);
    }
  }

  /** Tells the log how far everything is folded and published. */
  async #commitOffsets(consumption: Consumption, partitions: readonly number[]): Promise<void> {
    const offsets = new Map<number, number>();
    for (const partition of partitions) {
      const reached = this.#owners.get(partition)?.publishedUpTo;
      if (reached !== undefined && reached !== this.#committed.get(partition)) offsets.set(partition, reached);
    }
    if (offsets.size === 0) return;
    try {
      await consumption.commit(offsets);
      for (const [partition, offset] of offsets) this.#committed.set(partition, offset);
    } catch {
      this.#committed.clear(); // the next look commits again
    }
  }

  /** Appends a `due` record for each state whose time has come. A repeat is harmless: nothing is due any more when it is folded. */
  async #wakeDue({ slot }: PartitionOwner<S>): Promise<void> {
    const { log, store, clock } = this.#ports;
    const { dueRecord, topic } = this.#definition;
    if (dueRecord === undefined) return;
    try {
      const waiting = await store.due(slot, clock.nowMs(), DUE_MAX);
      for (const { key, dueAtMs } of waiting) {
        if (this.#asked.get(key) === dueAtMs) continue;
        await log.append(tenantOf(key), topic, [{ ...dueRecord(key, dueAtMs), partition: slot.partition }]);
        this.#asked.set(key, dueAtMs);
      }
      if (waiting.length === 0) this.#asked.clear();
    } catch {
      // the log or the store is away: the next look asks again
    }
  }
}
