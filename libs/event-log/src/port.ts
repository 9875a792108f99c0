/** The partitioned, ordered, replayable log that is Attune's database. Kafka on a cluster, SQLite in one process. */

export type TenantId = string;

/** One record as it lies in the log. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the log appended it, in ms since 1970 (`LogAppendTime`); never the time of the event. */
  readonly appendedAtMs: number;
  readonly tenant: TenantId;
  readonly key: string;
  readonly value: Uint8Array;
  /** True for a tombstone, whose value is empty; otherwise absent. */
  readonly tombstone?: true;
  /** Without `tenant`, which stands above. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One record to append. It goes to `partition`, or where its key hashes to (murmur2, as Kafka's own clients do). */
export interface NewRecord {
  readonly key: string;
  readonly value: Uint8Array;
  /** Says that what was appended under this key before may go; the value is then not kept, so give an empty one. */
  readonly tombstone?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** How long records are kept, in ms; absent = for ever. */
  readonly retentionMs?: number;
  /**
   * At least the newest record of each key is kept, older ones may go after an hour at the earliest, and a tombstone may go a day after what it buried.
   * Offsets and their order stay. Kafka compacts within a day or two while the topic is appended to; the embedded log keeps everything.
   */
  readonly compacted?: boolean;
}

/** What makes two positions comparable. */
export interface LogIdentity {
  /** The id of the cluster or of the database file. */
  readonly logId: string;
  readonly partitions: number;
}

/** Where a partition begins (first kept offset) and ends (offset of the next record), as the log itself says at this moment. */
export interface LogBounds {
  readonly startOffset: number;
  readonly endOffset: number;
}

/** A run of records of one partition, given to the group member that owns it. */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** Grows by at least one with each assignment of partitions to this member. */
  readonly generation: number;
  /** The offset that was asked for; the first record may lie above it. */
  readonly fetchedOffset: number;
  readonly records: readonly LogRecord[];
}

/** Lets a handler of a long batch stay a member of its group, and see when the partition is no longer its own. */
export interface BatchControl {
  heartbeat(): Promise<void>;
  /** True once the partition was taken away, seeked or the consumer stops: return at the next chance. */
  stale(): boolean;
}

/** What the consumer does after a batch: go on at `offset`, jump to `offset`, or fetch the same again after `ms` while other partitions go on. */
export type BatchVerdict =
  | { readonly kind: 'next'; readonly offset: number }
  | { readonly kind: 'seek'; readonly offset: number }
  | { readonly kind: 'pause'; readonly ms: number };

export interface BatchHandler {
  /** Handles one batch. Called for one partition at a time, once at a time. A throw counts as a pause of one second. */
  onBatch(batch: LogBatch, control: BatchControl): Promise<BatchVerdict>;
}

/** What a member of a group owns now. */
export interface Assignment {
  /** Grows by at least one with each assignment. */
  readonly generation: number;
  readonly partitions: readonly number[];
  /** False before the group has dealt for the first time, and from the moment at which the member knows that it has lost its place. A member may own nothing. */
  readonly member: boolean;
}

/** One membership of a consumer group on one topic. */
export interface Consumption {
  /** The partitions that this member owns now, and the generation of that assignment. */
  assignment(): Assignment;
  /** Makes the next fetch of the partition start at `offset`. Nothing for a partition of others. */
  seek(partition: number, offset: number): void;
  /** Notes in the log that everything of the group below `offset` is folded and published. Refusals after a rebalance are swallowed: the next one counts. */
  commit(offsets: ReadonlyMap<number, number>): Promise<void>;
  /** Leaves the group after running handlers have returned, or after `graceMs` at the latest. */
  stop(graceMs: number): Promise<void>;
  /** Rejects when the consumer ended for good by a fault; never resolves before `stop`. */
  readonly ended: Promise<void>;
}

export interface ConsumeOptions {
  readonly topic: string;
  readonly group: string;
  readonly handler: BatchHandler;
}

/** @throws AttuneError LOG_UNAVAILABLE from every call when the log does not answer within its deadline. */
export interface EventLog {
  /** Makes the topics that are absent and waits until each partition takes records. Existing ones are left as they are. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  identity(topic: string): Promise<LogIdentity>;
  bounds(topic: string, partition: number): Promise<LogBounds>;
  /**
   * Appends in the order given and resolves once every in-sync replica has the records; positions in the same order.
   * At least once: a call that throws may have appended the first of them.
   * @throws AttuneError EVENT_TOO_LARGE for a record larger than the log takes: the same call would be refused again.
   */
  append(tenant: TenantId, topic: string, records: readonly NewRecord[]): Promise<readonly Position[]>;
  /** Up to `max` records from `fromOffset` on, without a group: for adoption, replay and explanations. Empty at the end. In a compacted topic offsets have gaps. */
  read(topic: string, partition: number, fromOffset: number, max: number): Promise<readonly LogRecord[]>;
  /** The committed offset of the group, or undefined before the first commit. */
  committed(group: string, topic: string, partition: number): Promise<number | undefined>;
  /** Asks to join the group; partitions come once it deals them. Where a partition has no committed offset, fetching starts at the first kept record. */
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** Stops what still consumes and lets go of files and connections. A second call does nothing. */
  close(): Promise<void>;
}
