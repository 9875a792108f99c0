import type { BatchControl, BatchVerdict, LogBatch, LogRecord } from '@attune/event-log/port';
import type { ErrorCode } from '@attune/kernel/errors';
import type { Slot, StateKey } from '@attune/state-store/port';
import { causeOffsetOf, decodeOutgoing } from './emission-codec.ts';
import { verifyLog } from './log-identity.ts';
import type { OwnerPorts } from './owner-ports.ts';
import { type FaultPlace, PartitionFaults } from './partition-faults.ts';
import type { PublishListener } from './publisher.ts';
import type { PartitionStanding } from './standing.ts';
import { StateCache } from './state-cache.ts';
import { FoldFault, foldStep, type Planned, planStep, type StepInput } from './step.ts';
import { countMismatch, countStep } from './step-telemetry.ts';
import { type FoldTrace, foldTrace } from './step-trace.ts';
import { Turn } from './turn.ts';
import { decodeWatermark, type FoldedUpTo, logName, sameBytes } from './watermark.ts';
import { wholeSlot } from './whole-slot.ts';

export const CACHED_STATES_MAX = 20_000;
/** As encoded; in memory a profile takes ten to twenty times as much. */
const CACHED_BYTES_MAX = 8 * 1024 * 1024;
/** Which records of a batch a step may take, and whether its first one threw before. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly retried: boolean;
}

const OUTBOX_MAX = 5_000;
const RETRY_MS = 100;
const STOPPED_RETRY_MS = 1_000;

/**
 * Owns one partition for as long as the group lets it: adopts the slot, folds batches step by step, and answers every surprise in one way:
 * forget the cache, read the watermark, drain the outbox, fetch from there (DESIGN, rule 3).
 */
export class PartitionOwner<S> {
  readonly #ports: OwnerPorts<S>;
  readonly #slot: Slot;
  readonly #cache: StateCache<S>;
  #adopted: number | undefined;
  #epoch = 0;
  readonly #turn = new Turn();
  #handled = false;
  #watermark: Uint8Array = new Uint8Array();
  #folded: FoldedUpTo | undefined;
  #log = '';
  #publishFrom = 0;
  #trim: string[] = [];
  #unpublished = 0;
  #published: number | undefined;
  #listener: PublishListener | undefined;
  readonly #faults: PartitionFaults;
  readonly #trace: FoldTrace | undefined;
  #waitUntilMs = 0;

  constructor(ports: OwnerPorts<S>, slot: Slot) {
    this.#ports = ports;
    this.#slot = slot;
    const { decode, restsAsBytes } = ports.definition;
    this.#cache = ports.cache ?? new StateCache<S>(CACHED_STATES_MAX, CACHED_BYTES_MAX, restsAsBytes && { asBytes: restsAsBytes, decode });
    this.#faults = new PartitionFaults(ports.onFault);
    this.#trace = foldTrace(ports.telemetry, ports.definition.name);
  }

  /** Offset of the next record to fold. */
  get nextOffset(): number {
    return this.#folded?.nextOffset ?? 0;
  }

  /** Everything below it is published, and was folded at least once: a rebuild may still be below. Undefined right after an adoption. */
  get publishedUpTo(): number | undefined {
    return this.#published;
  }

  /** Why the partition does not go on until somebody mends it; undefined while it does. */
  get stoppedBy(): ErrorCode | undefined {
    return this.#faults.stoppedBy;
  }

  /** How many emissions are committed and not yet published. */
  get waiting(): number {
    return this.#unpublished;
  }

  /** How the partition stands in this assignment. */
  standing(generation: number): PartitionStanding {
    const nextOffset = this.#folded?.nextOffset ?? (this.#adopted === undefined ? undefined : 0);
    const { partition } = this.#slot;
    return {
      partition,
      nextOffset,
      publishedUpTo: this.#published,
      adopted: this.#adopted === generation,
      turns: this.#turn.turns,
      stoppedBy: this.stoppedBy,
    };
  }

  get slot(): Slot {
    return this.#slot;
  }

  /** Folds one fetched batch and says where to go on. Never throws: a fault of log or store is a pause, and the next call adopts anew. */
  async handle(batch: LogBatch, control: BatchControl): Promise<BatchVerdict> {
    this.#handled = true;
    if (!(await this.#turn.beginSoon(this.#ports.stopwatch))) return { kind: 'pause', ms: RETRY_MS };
    return this.#turn.finish(
      async () => (this.#waitMs > 0 ? { kind: 'pause', ms: this.#waitMs } : this.#fold(batch, control)),
      (fault) => ({ kind: 'pause', ms: this.#giveUp(this.#adopted === undefined ? 'adopting' : 'folding', fault) }),
    );
  }

  /** Once a second when idle: adopts a new assignment, checks the watermark, trims the outbox. Answers the offset to fetch from where that changed. */
  async tend(generation: number): Promise<number | undefined> {
    const idle = !this.#handled; // a commit checks the watermark itself, and a batch that meets this check would have to wait
    this.#handled = false;
    if (this.#turn.taken || !idle || this.#waitMs > 0) return undefined;
    this.#turn.begin();
    return this.#turn.finish(
      () => this.#look(generation),
      (fault) => void this.#giveUp('adopting', fault),
    );
  }

  async #look(generation: number): Promise<number | undefined> {
    if (this.#adopted === generation && (await this.#stillMine())) return void (await this.#trimIdle());
    await this.#adopt(generation);
    return this.nextOffset;
  }

  async #fold({ generation, fetchedOffset, records }: LogBatch, control: BatchControl): Promise<BatchVerdict> {
    if (this.#adopted !== generation) await this.#adopt(generation, () => control.heartbeat());
    if (fetchedOffset > this.nextOffset) return { kind: 'seek', offset: this.nextOffset };
    let from = records.findIndex((record) => record.offset >= this.nextOffset);
    if (from < 0) return { kind: 'seek', offset: this.nextOffset };
    while (from < records.length) {
      if (control.stale()) break;
      if (this.#unpublished > OUTBOX_MAX || this.#faults.publishingStopped) return { kind: 'pause', ms: RETRY_MS };
      const taken = await this.#step(records, { from, until: records.length, retried: false });
      if (taken === undefined) {
        countMismatch(this.#ports);
        await this.#adopt(generation, () => control.heartbeat());
        return { kind: 'seek', offset: this.nextOffset };
      }
      from += taken;
      this.#turn.step();
      await control.heartbeat();
    }
    return { kind: 'next', offset: this.nextOffset };
  }

  /** One commit. Answers how many records it took, or undefined at a mismatch. A record that throws ends its step before it, is tried alone on a fresh copy, and is then set aside. */
  async #step(records: readonly LogRecord[], { from, until, retried }: Span): Promise<number | undefined> {
    try {
      const planned = planStep(this.#ports.definition, { records, from, until });
      return await this.#commit(planned);
    } catch (fault) {
      if (!(fault instanceof FoldFault) || !fault.isOfRecord) throw fault;
      this.#cache.forget();
      const at = records.indexOf(fault.record, from);
      if (at > from) return this.#step(records, { from, until: at, retried: false });
      if (!retried) return this.#step(records, { from, until: from + 1, retried: true });
      return (await this.#commit([], fault)) === undefined ? undefined : 1;
    }
  }

  /** Answers how many of the planned records are folded now, or undefined at a mismatch. */
  async #commit(planned: readonly Planned[], setAside?: FoldFault): Promise<number | undefined> {
    const { definition, store, publisher, stopwatch } = this.#ports;
    const epoch = this.#epoch;
    const states = await this.#load(planned);
    if (states === undefined) return undefined;
    if (planned.length > 0)
      await definition.prepare?.(
        planned.map(({ record }) => record),
        states,
      );
    const about = { log: this.#log, publishFrom: this.#publishFrom, published: this.#trim, trace: this.#trace };
    const input: StepInput<S> = { planned, states, ...about, ...(setAside ? { setAside } : {}) };
    const step = foldStep(definition, input);
    this.#trim = [];
    const startedMs = stopwatch.elapsedMs();
    const result = await store.commit(this.#slot, this.#watermark, step.change);
    if (result.kind === 'mismatch' || epoch !== this.#epoch) return undefined;
    this.#watermark = step.change.watermark;
    this.#folded = step.folded;
    this.#ports.bell?.ring(step.change.states.keys());
    this.#cache.keep(step.states, step.change.states);
    this.#faults.clear('folding');
    this.#unpublished += step.change.emissions.length;
    countStep(this.#ports, { step, tookMs: stopwatch.elapsedMs() - startedMs, first: setAside?.record ?? planned[0]?.record, publishFrom: this.#publishFrom });
    if (this.#listener) publisher.take(this.#listener, step.outgoing, step.folded.nextOffset);
    return step.taken;
  }

  /** The states of a step: from the cache, or read together with the watermark. Undefined at a mismatch. */
  async #load(planned: readonly Planned[]): Promise<Map<StateKey, S> | undefined> {
    const { definition, store } = this.#ports;
    const states = new Map<StateKey, S>();
    const missing = new Set<StateKey>();
    for (const key of planned.flatMap((one) => (one.key === one.companion ? [one.key] : [one.key, one.companion]))) {
      if (states.has(key)) continue;
      const cached = this.#cache.get(key);
      if (cached === undefined) missing.add(key);
      else states.set(key, cached);
    }
    if (missing.size === 0) return states;
    const keys = [...missing];
    const read = await store.read(this.#slot, keys);
    if (!sameBytes(read.watermark, this.#watermark)) return undefined;
    for (const [index, key] of keys.entries()) {
      const bytes = read.states[index];
      states.set(key, bytes === undefined ? definition.empty() : definition.decode(bytes));
    }
    return states;
  }

  async #adopt(generation: number, alive?: () => Promise<void>): Promise<void> {
    const { definition, log, publisher } = this.#ports;
    this.#adopted = undefined;
    this.#published = undefined;
    this.#epoch++;
    this.#cache.forget();
    this.#trim = [];
    this.#unpublished = 0;
    const { topic, name } = definition;
    const { partition } = this.#slot;
    const [{ watermark, entries }, committed] = await Promise.all([
      wholeSlot({ ...this.#ports, topic, alive }, this.#slot),
      log.committed(name, topic, partition),
    ]);
    const folded = decodeWatermark(watermark);
    this.#log = logName(await verifyLog(log, { topic, partition }, folded));
    this.#watermark = watermark;
    this.#folded = folded;
    this.#publishFrom = committed ?? 0;
    const waiting = entries.filter(({ id }) => causeOffsetOf(id) >= this.#publishFrom);
    this.#trim = entries.filter(({ id }) => causeOffsetOf(id) < this.#publishFrom).map(({ id }) => id);
    this.#unpublished = waiting.length;
    this.#faults.clear('adopting');
    this.#adopted = generation;
    this.#listener = this.#newListener();
    publisher.take(this.#listener, waiting.map(decodeOutgoing), this.nextOffset);
  }

  /** Hears of what was published for this adoption; word from before the last mismatch is ignored. */
  #newListener(): PublishListener {
    const epoch = this.#epoch;
    return {
      published: (id: string): void => {
        if (epoch !== this.#epoch) return;
        this.#trim.push(id);
        this.#unpublished--;
      },
      reached: (nextOffset: number): void => {
        if (epoch !== this.#epoch) return;
        // A rebuild begins below what was committed: committing its place would let the next owner fire again what lies between.
        this.#published = Math.max(nextOffset, this.#publishFrom);
        this.#faults.clear('publishing');
      },
      failed: (fault: unknown): void => {
        if (epoch === this.#epoch && !this.#faults.note('publishing', fault)) this.#adoptLater(STOPPED_RETRY_MS);
      },
    };
  }

  async #stillMine(): Promise<boolean> {
    const { watermark } = await this.#ports.store.read(this.#slot, []);
    return sameBytes(watermark, this.#watermark);
  }

  async #trimIdle(): Promise<void> {
    if (this.#trim.length === 0 || this.#unpublished > 0) return;
    const ids = this.#trim;
    this.#trim = [];
    await this.#ports.store.trim(this.#slot, ids);
  }

  /** Notes the fault. Answers how long to wait, in ms. */
  #giveUp(place: FaultPlace, fault: unknown): number {
    const waitMs = this.#faults.note(place, fault) ? RETRY_MS : STOPPED_RETRY_MS;
    this.#adoptLater(waitMs);
    return waitMs;
  }

  /** Whatever was held in memory may be wrong now: the first call after `waitMs` adopts anew, and gives the outbox to the publisher again. */
  #adoptLater(waitMs: number): void {
    this.#adopted = undefined;
    this.#waitUntilMs = this.#ports.stopwatch.elapsedMs() + waitMs;
  }

  get #waitMs(): number {
    return Math.max(0, this.#waitUntilMs - this.#ports.stopwatch.elapsedMs());
  }
}
