import type { LogRecord, NewRecord, TenantId } from '@attune/event-log/port';
import type { StateKey } from '@attune/state-store/port';

/** A record that a fold wants published. Its id comes from its cause (profile, position, kind), never from a counter, so that a repeat can be told. */
export interface Emission {
  readonly id: string;
  readonly tenant: TenantId;
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FoldResult {
  readonly emissions: readonly Emission[];
  /** When the state wants to be woken by a `due` record, in ms since 1970 of the business clock; absent = never. */
  readonly dueAtMs?: number;
}

/**
 * One use of the processor: what it keeps of each key and how a record changes it.
 * `keyOf`, `fold` and the codec are pure and synchronous: the same records give the same states and emissions, whoever folds them and however often.
 */
export interface ProcessorDefinition<S> {
  /** Name of the consumer group and of the slots. */
  readonly name: string;
  readonly topic: string;
  /** The state that a record belongs to: `tenant:kind:id`. May throw: the record is then set aside. */
  keyOf(record: LogRecord): StateKey;
  empty(): S;
  decode(bytes: Uint8Array): S;
  /** A copy in bytes, never a view of the live state; undefined removes the state. */
  encode(state: S): Uint8Array | undefined;
  /**
   * True for a state that is held in memory between steps as its bytes and decoded anew for the next: for states of many small objects, which the collector of
   * garbage would walk again and again, with a `decode` that costs little. Absent = never.
   */
  restsAsBytes?(state: S): boolean;
  /**
   * Folds the record into the state, in place. May throw: after a second throw on a fresh copy the record is set aside. A retriable code is a pause instead,
   * and CONFIGURATION_INVALID stops the partition.
   * `companion` is the state of `companionKey`, the record's own where the keys are equal; it may be edited too.
   */
  fold(state: S, record: LogRecord, companion: S): FoldResult;
  /** A state of the partition that the fold of every record sees beside its own, such as the active configuration or counts. Absent = `companion` is the record's own state. */
  companionKey?(record: LogRecord): StateKey;
  /** Whether the fold of this record may edit its companion; absent = always. A companion that a step only read, such as the active configuration, is not written with it. */
  editsCompanion?(record: LogRecord): boolean;
  /**
   * Fetches what the folds of a step need and cannot wait for, such as keys. Called with the records in order and the live states before them, which it must not edit.
   * Must not decide anything: a step that is folded again must come out the same. A throw of a retriable code is a pause; the step is tried again.
   */
  prepare?(records: readonly LogRecord[], states: ReadonlyMap<StateKey, S>): Promise<void>;
  /** The record that wakes a state; appended to `topic`, in the partition of the state. Absent where no fold asks to be woken. */
  dueRecord?(key: StateKey, dueAtMs: number): NewRecord;
  /** What is published of a record that was set aside. */
  rejection?(record: LogRecord, code: string): Emission;
}

/** The tenant that stands in front of a state key. */
export const tenantOf = (key: StateKey): TenantId => key.slice(0, key.indexOf(':'));
