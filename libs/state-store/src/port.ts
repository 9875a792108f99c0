/** The view that processors keep of the log: one slot a partition, changed by one atomic commit. Redis on a cluster, SQLite in one process. */

/** All that a processor keeps of one partition: states, watermark, outbox, due times and skip list, changed together or not at all. */
export interface Slot {
  /** Name of the processor, with the generation of its state where there are several. */
  readonly processor: string;
  readonly partition: number;
  /** Partitions in all: the slot's place among the shards follows from partition/partitions. */
  readonly partitions: number;
}

/** A state's name within its slot: `tenant:kind:id`. Well-formed Unicode. */
export type StateKey = string;

/** Opaque bytes that say up to where the partition is folded; compared byte by byte. Empty = nothing folded yet. */
export type Watermark = Uint8Array;

export interface SlotRead {
  readonly watermark: Watermark;
  /** In the order of the keys asked for; undefined where there is no state. */
  readonly states: readonly (Uint8Array | undefined)[];
}

/** An emission that waits to be published: an id from its cause, its order within the slot, and its bytes. */
export interface OutboxEntry {
  /** Unique within the slot. Sorts in the order of publishing, by code unit. */
  readonly id: string;
  readonly body: Uint8Array;
}

export interface DueEntry {
  readonly key: StateKey;
  readonly dueAtMs: number;
}

/** One step of a partition. At most 1,024 states and 512 kB in all, by the caller's care. */
export interface SlotChange {
  readonly watermark: Watermark;
  /** New bytes of a state; undefined removes it. */
  readonly states: ReadonlyMap<StateKey, Uint8Array | undefined>;
  readonly emissions: readonly OutboxEntry[];
  /** Ids of outbox entries that were published and can go. */
  readonly published: readonly string[];
  /** When each of these states wants to be woken; undefined = never. */
  readonly due: ReadonlyMap<StateKey, number | undefined>;
  /** Offsets set aside by this step, with the error code. */
  readonly skipped: ReadonlyMap<number, string>;
}

export type CommitResult = { readonly kind: 'committed' } | { readonly kind: 'mismatch'; readonly watermark: Watermark };

/**
 * @throws AttuneError STORE_UNAVAILABLE, STORE_FULL. After a throw of `commit` the change may or may not have happened: read the watermark.
 * Nothing is ever sent twice by the adapter itself.
 * The bytes given to a call may be used again once its promise has settled; the bytes that it answers with belong to the caller.
 */
export interface StateStore {
  /** Watermark and states in one call. */
  read(slot: Slot, keys: readonly StateKey[]): Promise<SlotRead>;
  /** Applies the change if the slot's watermark equals `expected`; else changes nothing and says what stands there. */
  commit(slot: Slot, expected: Watermark, change: SlotChange): Promise<CommitResult>;
  /** Watermark and all waiting emissions, sorted by id, in one call. */
  outbox(slot: Slot): Promise<{ readonly watermark: Watermark; readonly entries: readonly OutboxEntry[] }>;
  /** Removes outbox entries by id, whatever the watermark. */
  trim(slot: Slot, ids: readonly string[]): Promise<void>;
  /** States whose time has come, earliest first (ties by key, in the order of its UTF-8 bytes), at most `max`. */
  due(slot: Slot, untilMs: number, max: number): Promise<readonly DueEntry[]>;
  /** Offsets that were set aside, with their code. */
  skipped(slot: Slot): Promise<ReadonlyMap<number, string>>;
  /** Removes everything of the slot. For a rebuild, never while a processor runs on it. */
  clear(slot: Slot): Promise<void>;
  close(): Promise<void>;
}

/** A state as it lies in its slot, for copies. */
export interface StoredState {
  readonly key: StateKey;
  readonly state: Uint8Array;
  /** When it wants to be woken, in ms since 1970. */
  readonly dueAtMs?: number | undefined;
}

/** Some of the states of a slot, as they were at one watermark. */
export interface SlotPage {
  readonly watermark: Watermark;
  readonly states: readonly StoredState[];
  /** Where the next page begins; undefined behind the last. Any process may go on from it. */
  readonly next: string | undefined;
}

/** Named states, and all else that a slot holds, at one watermark. */
export interface SlotCopy {
  readonly watermark: Watermark;
  /** Those of the keys asked for that there are. */
  readonly states: readonly StoredState[];
  readonly emissions: readonly OutboxEntry[];
  readonly skipped: ReadonlyMap<number, string>;
}

/** Copies slots while processors run on them. @throws AttuneError STORE_UNAVAILABLE */
export interface SlotReader {
  /**
   * About `max` states, from `cursor` on (undefined = from the beginning), in one step. A state that lies there from the first page to the last comes at least once;
   * one that changes meanwhile may come as it was before or after, or not at all.
   */
  page(slot: Slot, cursor: string | undefined, max: number): Promise<SlotPage>;
  /** All in one step: the states of these keys, the outbox sorted by id, and the skip list. */
  copy(slot: Slot, keys: readonly StateKey[]): Promise<SlotCopy>;
}
