import type { BatchControl, BatchVerdict, Consumption, EventLog, LogBatch } from '@attune/event-log/port';
import { codeOf, type ErrorCode } from '@attune/kernel/errors';
import { silent, type Telemetry } from '@attune/runtime/telemetry/port';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { Slot, StateKey, StateStore } from '@attune/state-store/port';
import type { CommitBell } from './commit-bell.ts';
import { type Emission, type ProcessorDefinition, tenantOf } from './definition.ts';
import { recordLog } from './log-identity.ts';
import { Nap } from './nap.ts';
import { watchOutbox, watchPartitions } from './partition-gauges.ts';
import { PartitionOwner } from './partition-owner.ts';
import { Publisher } from './publisher.ts';
import type { Restored, SnapshotsOf } from './snapshots/restore-slot.ts';
import type { Standing } from './standing.ts';
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
  /** Why it does not go on until somebody mends it; where the processor itself has ended, its code. */
  readonly stoppedBy: ErrorCode | undefined;
}

/** A fault, for logs: it holds no personal data. */
export interface ProcessorFault {
  readonly processor: string;
  /** Undefined where the fault is of the processor as a whole. */
  readonly partition: number | undefined;
  readonly code: ErrorCode;
}

/** A partition that was filled from a snapshot. */
export interface PartitionRestored extends Restored {
  readonly processor: string;
  readonly partition: number;
}

export interface ProcessorOptions<S> {
  /** Between two looks at idle partitions, in ms. */
  readonly tendEveryMs?: number;
  readonly cacheFor?: (partition: number) => StateCache<S>;
  /** Called when a partition pauses or stops by another code than before, and when the processor ends for good. What it throws is ignored. */
  readonly onFault?: (fault: ProcessorFault) => void;
  /** What a partition without a state is filled from before the rest of its log is folded; absent = it is folded from the beginning. */
  readonly snapshots?: SnapshotsOf;
  /** Hears of each partition that was filled so. What it throws is ignored. */
  readonly onRestored?: (restored: PartitionRestored) => void;
  /** Where it counts and traces; nowhere where it is not given. */
  readonly telemetry?: Telemetry;
  /**
   * Hears the emissions of each commit, for counting. A record that is folded again after a rebuild or a flush of the store is not heard again below what the
   * log has committed; one whose commit's reply was lost is not heard at all, and one between there and a rolled back store twice. What it throws is ignored.
   */
  readonly counted?: (emissions: readonly Emission[]) => void;
  /** Rings at each commit, for those who wait for what it holds. One whose reply was lost does not ring. */
  readonly bell?: CommitBell;
}

/** What a service lets its surroundings say about its processors. */
export type Processing = Pick<ProcessorOptions<unknown>, 'tendEveryMs' | 'onFault' | 'telemetry' | 'snapshots' | 'onRestored'>;

const TEND_EVERY_MS = 1_000;
const DUE_MAX = 256;

/** Runs one definition over its topic: as many owners as the group gives it partitions. */
export class Processor<S> {
  readonly #definition: ProcessorDefinition<S>;
  readonly #ports: ProcessorPorts;
  readonly #options: ProcessorOptions<S>;
  readonly #publisher: Publisher;
  readonly #owners = new Map<number, PartitionOwner<S>>();
  /** By partition, what was appended for the states that still waited for it when last looked at. */
  readonly #asked = new Map<number, ReadonlyMap<StateKey, Asked>>();
  readonly #committed = new Map<number, number>();
  #partitions = 0;
  #consumption: Consumption | undefined;
  #endedBy: ErrorCode | undefined;
  readonly #nap: Nap;
  readonly #telemetry: Telemetry;
  #unwatch: readonly (() => void)[] = [];
  #stopped = false;
  #tending: Promise<void> = Promise.resolve();
  #looking: Promise<number> = Promise.resolve(0);

  constructor(definition: ProcessorDefinition<S>, ports: ProcessorPorts, options: ProcessorOptions<S> = {}) {
    this.#definition = definition;
    this.#ports = ports;
    this.#options = options;
    this.#nap = new Nap(ports.stopwatch);
    this.#telemetry = options.telemetry ?? silent;
    const { name: processor } = definition;
    this.#publisher = new Publisher(ports.log, ports.stopwatch, (code) => this.#telemetry.count('attune_processor_publish_refused_total', { processor, code }));
  }

  /** Joins the group and begins to fold. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE; LOG_IDENTITY_CHANGED for another log or partition count than before */
  async start(): Promise<void> {
    const { topic, name } = this.#definition;
    const identity = await this.#ports.log.identity(topic);
    await recordLog(this.#ports.store, name, identity);
    this.#partitions = identity.partitions;
    const handler = { onBatch: (batch: LogBatch, control: BatchControl): Promise<BatchVerdict> => this.#ownerOf(batch.partition).handle(batch, control) };
    const consumption = await this.#ports.log.consume({ topic, group: name, handler });
    this.#consumption = consumption;
    if (this.#stopped) await consumption.stop(0); // stopped while it was starting
    consumption.ended.catch((fault) => this.#end(codeOf(fault)));
    this.#tending = this.#tend();
    this.#watch();
  }

  /**
   * Leaves the group within `graceMs`, and resolves when nothing of the processor will call log or store again, which is one call's deadline later at most.
   * What was folded and not published waits in the outbox for the next owner.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    for (const end of this.#unwatch) end();
    this.#nap.end();
    await Promise.all([this.#consumption?.stop(graceMs), this.#publisher.stop(), this.#tending]);
  }

  /** Looks at once at what is idle or due, as it does by itself from time to time. Answers how many due records it appended; repeats of a look that was under way count. */
  look(): Promise<number> {
    const next = this.#looking.then(async () => (this.#consumption && !this.#stopped && this.#endedBy === undefined ? this.#look(this.#consumption) : 0));
    this.#looking = next.catch(() => 0);
    return next;
  }

  /** Why the processor folds nothing any more, of no partition, until it is made anew; undefined while it runs. */
  get endedBy(): ErrorCode | undefined {
    return this.#endedBy;
  }

  /** The partitions that are this process's own now; once the processor has ended for good, those that were. */
  status(): readonly PartitionStatus[] {
    const own = this.#consumption?.assignment().partitions ?? [];
    return [...this.#owners]
      .filter(([partition]) => this.#endedBy !== undefined || own.includes(partition))
      .map(([partition, { nextOffset, publishedUpTo, stoppedBy }]) => ({ partition, nextOffset, publishedUpTo, stoppedBy: this.#endedBy ?? stoppedBy }));
  }

  /** How it stands in its group. */
  standing(): Standing {
    const { generation, partitions, member } = this.#consumption?.assignment() ?? { generation: 0, partitions: [], member: false };
    return { joined: member, endedBy: this.#endedBy, partitions: partitions.map((partition) => this.#ownerOf(partition).standing(generation)) };
  }

  /** The slot of a partition, for readers of its states. */
  slotOf(partition: number): Slot {
    return { processor: this.#definition.name, partition, partitions: this.#partitions };
  }

  #watch(): void {
    const { name, topic } = this.#definition;
    const about = { processor: name, topic, telemetry: this.#telemetry, status: () => this.status() };
    const waiting = () => [...this.#owners].map(([partition, { waiting }]) => ({ partition, waiting }));
    this.#unwatch = [watchPartitions({ ...about, log: this.#ports.log, clock: this.#ports.clock }), watchOutbox({ ...about, waiting })].flat();
  }

  #ownerOf(partition: number): PartitionOwner<S> {
    let owner = this.#owners.get(partition);
    if (owner === undefined) {
      const cache = this.#options.cacheFor?.(partition);
      const { bell } = this.#options;
      const { log, store, clock, stopwatch } = this.#ports;
      const onFault = (code: ErrorCode): void => this.#report(partition, code);
      const counted = (emissions: readonly Emission[]): void => this.#count(emissions);
      const restored = (about: Restored): void => this.#restored({ processor: this.#definition.name, partition, ...about });
      const told = { onFault, telemetry: this.#telemetry, counted, restored, snapshots: this.#options.snapshots };
      const ports = { definition: this.#definition, log, store, clock, stopwatch, publisher: this.#publisher, ...told };
      owner = new PartitionOwner({ ...ports, ...(cache && { cache }), ...(bell && { bell }) }, this.slotOf(partition));
      this.#owners.set(partition, owner);
    }
    return owner;
  }

  async #tend(): Promise<void> {
    while (!this.#stopped && this.#endedBy === undefined) {
      await this.look();
      await this.#nap.sleep(this.#options.tendEveryMs ?? TEND_EVERY_MS);
    }
  }

  async #look(consumption: Consumption): Promise<number> {
    const { generation, partitions } = consumption.assignment();
    let woken = 0;
    for (const partition of partitions) {
      if (this.#stopped) return woken;
      const owner = this.#ownerOf(partition);
      const offset = await owner.tend(generation);
      if (offset !== undefined) consumption.seek(partition, offset);
      if (owner.stoppedBy === undefined) woken += await this.#wakeDue(owner);
    }
    await this.#commitOffsets(consumption, partitions);
    return woken;
  }

  #end(code: ErrorCode): void {
    this.#endedBy = code;
    this.#report(undefined, code);
  }

  #report(partition: number | undefined, code: ErrorCode): void {
    this.#telemetry.count('attune_processor_faults_total', { processor: this.#definition.name, code });
    try {
      this.#options.onFault?.({ processor: this.#definition.name, partition, code });
    } catch {
      // whoever listens must not stop what is listened to
    }
  }

  #restored(about: PartitionRestored): void {
    try {
      this.#options.onRestored?.(about);
    } catch {
      // who listens must not stop what is listened to
    }
  }

  #count(emissions: readonly Emission[]): void {
    try {
      this.#options.counted?.(emissions);
    } catch {
      // who counts must not stop what is counted
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

  /**
   * Appends a `due` record for each state whose time has come, those of a tenant together, and again where that record was folded and the same time is due once more: something that was
   * decided before it may have been written behind it. A repeat is harmless: nothing is due any more when it is folded.
   */
  async #wakeDue({ slot, nextOffset }: PartitionOwner<S>): Promise<number> {
    const { log, store, clock } = this.#ports;
    const { dueRecord, topic } = this.#definition;
    let woken = 0;
    if (dueRecord === undefined) return woken;
    const asked = this.#asked.get(slot.partition) ?? new Map<StateKey, Asked>();
    const waiting = new Map<StateKey, Asked>();
    try {
      const due = await store.due(slot, clock.nowMs(), DUE_MAX);
      for (const { key, dueAtMs } of due) {
        const before = asked.get(key);
        if (before?.dueAtMs === dueAtMs && before.offset >= nextOffset) waiting.set(key, before);
      }
      const late = due.filter(({ key }) => !waiting.has(key));
      for (const [tenant, entries] of Map.groupBy(late, ({ key }) => tenantOf(key))) {
        const records = entries.map(({ key, dueAtMs }) => ({ ...dueRecord(key, dueAtMs), partition: slot.partition }));
        const positions = await log.append(tenant, topic, records);
        for (const [i, { key, dueAtMs }] of entries.entries()) waiting.set(key, { dueAtMs, offset: positions[i]?.offset ?? nextOffset });
        woken += entries.length;
      }
    } catch {
      for (const [key, before] of asked) if (!waiting.has(key)) waiting.set(key, before); // the log or the store is away: the next look asks for the others again
    }
    this.#asked.set(slot.partition, waiting);
    if (woken > 0) this.#telemetry.count('attune_processor_due_appended_total', { processor: this.#definition.name }, woken);
    return woken;
  }
}

/** A due record that was appended. */
interface Asked {
  readonly dueAtMs: number;
  readonly offset: number;
}
