import type { LogRecord } from '@attune/event-log/port';
import { codeOf, errorTable } from '@attune/kernel/errors';
import type { OutboxEntry, SlotChange, StateKey } from '@attune/state-store/port';
import type { Emission, ProcessorDefinition } from './definition.ts';
import { encodeEmission, type Outgoing, outboxId, outgoingOf } from './emission-codec.ts';
import { causedBy, type FoldSpan, type FoldTrace } from './step-trace.ts';
import { afterRecord, encodeWatermark, type FoldedUpTo } from './watermark.ts';

/** At most so many states, and about so many bytes of records and of emissions each, in one commit. */
export const STEP_STATES_MAX = 1024;
export const STEP_BYTES_MAX = 512 * 1024;

/** A record of a step with its state key. */
export interface Planned {
  readonly record: LogRecord;
  readonly key: StateKey;
  /** The state that the fold sees beside its own; equal to `key` where the definition names none. */
  readonly companion: StateKey;
}

/** A record whose `keyOf` or `fold` threw. */
export class FoldFault extends Error {
  readonly record: LogRecord;
  constructor(record: LogRecord, cause: unknown) {
    super(`the record ${record.topic}/${record.partition}/${record.offset} cannot be folded`, { cause });
    this.record = record;
  }
  /**
   * False where the code says nothing about the record: another try, with the key or the service back, folds it, or a program that reads the
   * configuration of its time, or the state. To set it aside would lose it.
   */
  get isOfRecord(): boolean {
    const code = codeOf(this.cause);
    return !errorTable[code].retriable && code !== 'CONFIGURATION_INVALID' && code !== 'STATE_UNREADABLE';
  }
  /** The code under which the record is set aside. */
  get code(): string {
    const code = codeOf(this.cause);
    return code === 'INTERNAL' ? 'RECORD_SKIPPED' : code;
  }
}

/** Which records the next step takes: from `from` on, up to `until` (exclusive), bounded in states and bytes. */
export interface PlanRequest {
  readonly records: readonly LogRecord[];
  readonly from: number;
  readonly until: number;
}

/** @throws FoldFault when a record has no key. */
export function planStep<S>(definition: ProcessorDefinition<S>, { records, from, until }: PlanRequest): readonly Planned[] {
  const planned: Planned[] = [];
  const keys = new Set<StateKey>();
  let bytes = 0;
  for (const record of records.slice(from, until)) {
    bytes += record.value.length;
    if (planned.length > 0 && bytes > STEP_BYTES_MAX) break;
    const key = guarded(record, () => definition.keyOf(record));
    const companion = guarded(record, () => definition.companionKey?.(record) ?? key);
    if (keys.size + 2 > STEP_STATES_MAX && !(keys.has(key) && keys.has(companion))) break;
    keys.add(key).add(companion);
    planned.push({ record, key, companion });
  }
  return planned;
}

/** What one step changes, and the live states after it. */
export interface Step<S> {
  readonly change: SlotChange;
  /** Of the records taken. */
  readonly states: ReadonlyMap<StateKey, S>;
  readonly folded: FoldedUpTo;
  /** How many of the planned records: fewer where their emissions are many. */
  readonly taken: number;
  /** What the change's emissions say. */
  readonly emitted: readonly Emission[];
  /** The change's emissions, for the log. */
  readonly outgoing: readonly Outgoing[];
  /** Of the records that are traced; to be ended once the commit stands. */
  readonly spans: readonly FoldSpan[];
}

/** What a step is made from. */
export interface StepInput<S> {
  readonly planned: readonly Planned[];
  /** The live state of each planned key; edited in place. */
  readonly states: ReadonlyMap<StateKey, S>;
  readonly log: string;
  /** Emissions of records below this offset were published before: a rebuild does not fire them again. */
  readonly publishFrom: number;
  /** Outbox entries that may go. */
  readonly published: readonly string[];
  /** A record to set aside in this step, with its code. */
  readonly setAside?: FoldFault;
  readonly trace?: FoldTrace | undefined;
}

/** Folds the planned records in order, as many as their emissions allow. Pure but for the states. @throws FoldFault when a fold throws; the states are then worthless. */
export function foldStep<S>(definition: ProcessorDefinition<S>, input: StepInput<S>): Step<S> {
  const emissions: OutboxEntry[] = [];
  const emitted: Emission[] = [];
  const outgoing: Outgoing[] = [];
  const spans: FoldSpan[] = [];
  const due = new Map<StateKey, number | undefined>();
  const [changed, read] = [new Map<StateKey, S>(), new Map<StateKey, S>()];
  let [taken, emittedBytes] = [0, 0];
  for (const { record, key, companion: companionKey } of input.planned) {
    if (emittedBytes > STEP_BYTES_MAX) break;
    const state = input.states.get(key);
    const companion = input.states.get(companionKey);
    if (state === undefined || companion === undefined) throw new Error('a planned key has no state');
    const span = record.offset < input.publishFrom ? undefined : input.trace?.(record);
    if (span) spans.push({ span });
    const result = guarded(record, () => definition.fold(state, record, companion));
    taken++;
    if (definition.editsCompanion?.(record) === false) read.set(companionKey, companion);
    else changed.set(companionKey, companion);
    changed.set(key, state);
    if (definition.dueRecord) due.set(key, result.dueAtMs); // else there is nothing to unset either: a key less a state for the store
    if (record.offset < input.publishFrom) continue;
    for (const [index, emission] of result.emissions.entries()) {
      const caused = causedBy(emission, record, span);
      const entry = encodeEmission(outboxId(record.offset, index), caused);
      emittedBytes += entry.body.length;
      emissions.push(entry);
      outgoing.push(outgoingOf(entry, caused));
      emitted.push(emission);
    }
  }
  const fault = input.setAside;
  if (fault && fault.record.offset >= input.publishFrom) {
    const span = input.trace?.(fault.record);
    if (span) spans.push({ span, code: fault.code });
    const rejection = definition.rejection?.(fault.record, fault.code);
    if (rejection) {
      const caused = causedBy(rejection, fault.record, span);
      const entry = encodeEmission(outboxId(fault.record.offset, 0), caused);
      emissions.push(entry);
      outgoing.push(outgoingOf(entry, caused));
    }
  }
  const last = fault?.record ?? input.planned[taken - 1]?.record;
  if (last === undefined) throw new Error('a step without records');
  const folded = afterRecord(input.log, last);
  const bytes = new Map<StateKey, Uint8Array | undefined>();
  for (const [key, state] of changed) bytes.set(key, definition.encode(state));
  const skipped = new Map(fault ? [[fault.record.offset, fault.code]] : []);
  const change = { watermark: encodeWatermark(folded), states: bytes, emissions, published: input.published, due, skipped };
  return { change, states: new Map([...read, ...changed]), folded, taken, emitted, outgoing, spans };
}

function guarded<T>(record: LogRecord, work: () => T): T {
  try {
    return work();
  } catch (fault) {
    throw new FoldFault(record, fault);
  }
}
