import { setTimeout as sleep } from 'node:timers/promises';
import { AttuneError } from '@attune/kernel/errors';
import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import { isRefusal, withinDeadline } from './deadline.ts';
import type { KafkaSettings } from './kafka-client.ts';
import { toLogRecord } from './kafka-records.ts';
import type { Assignment, BatchVerdict, ConsumeOptions, Consumption, LogBatch } from './port.ts';
import { verdictOf } from './verdict-of.ts';

const bytesPerPartitionMax = 1024 * 1024;
const bytesMax = 8 * 1024 * 1024;
const pollMs = 100;

/** One membership of a Kafka group. Nothing is resolved or committed but by the handler's word. */
export class KafkaConsumption implements Consumption {
  readonly ended: Promise<void>;
  readonly #settings: KafkaSettings;
  readonly #options: ConsumeOptions;
  readonly #consumer: Consumer;
  readonly #end = Promise.withResolvers<void>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #generation = 0;
  #partitions: readonly number[] = [];
  #member = false;
  #stopped: Promise<void> | undefined;
  #joining: Promise<void> = Promise.resolve();

  constructor(settings: KafkaSettings, options: ConsumeOptions) {
    this.#settings = settings;
    this.#options = options;
    this.ended = this.#end.promise;
    this.ended.catch(() => undefined); // whoever does not watch it is not brought down by it
    this.#consumer = newConsumer(settings, options.group);
    this.#consumer.on('consumer.group_join', ({ payload }) => this.#assign(payload.memberAssignment[options.topic] ?? [], true));
    this.#consumer.on('consumer.crash', ({ payload }) => {
      this.#assign([], false);
      if (!payload.restart) this.#end.reject(new AttuneError('LOG_UNAVAILABLE', payload.error.message, payload.error));
    });
  }

  /** Asks to join the group; a member that was killed keeps what it owned for its session's time. @throws AttuneError LOG_UNAVAILABLE when no broker answers or the topic is unknown. */
  async join(): Promise<void> {
    const { topic } = this.#options;
    try {
      await withinDeadline(this.#settings.deadlineMs, `a subscription to ${topic}`, async () => {
        await this.#consumer.connect();
        await this.#consumer.subscribe({ topic, fromBeginning: true });
      });
    } catch (fault) {
      this.#consumer.disconnect().catch(() => undefined);
      throw fault;
    }
    const running = this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#settings.partitionsConcurrently,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    this.#joining = running.catch((fault: Error) => this.#end.reject(new AttuneError('LOG_UNAVAILABLE', fault.message, fault)));
  }

  assignment(): Assignment {
    return { generation: this.#generation, partitions: this.#partitions, member: this.#member };
  }

  seek(partition: number, offset: number): void {
    if (this.#partitions.includes(partition)) this.#consumer.seek({ topic: this.#options.topic, partition, offset: String(offset) });
  }

  /** kafkajs may go on trying behind the deadline; a late commit is still a true word about what is folded. */
  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    const own = [...offsets].filter(([partition]) => this.#partitions.includes(partition));
    if (own.length === 0 || this.#stopped !== undefined) return;
    const commits = own.map(([partition, offset]) => ({ topic: this.#options.topic, partition, offset: String(offset) }));
    try {
      await withinDeadline(this.#settings.deadlineMs, 'a commit', () => this.#consumer.commitOffsets(commits));
    } catch (fault) {
      if (!isRefusal(fault)) throw fault;
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#leave(graceMs);
    return this.#stopped;
  }

  async #leave(graceMs: number): Promise<void> {
    for (const timer of this.#pauses) clearTimeout(timer);
    // kafkajs does not leave while it joins: it would join later, and nobody would know of that member.
    const left = this.#joining.then(() => this.#consumer.disconnect()).catch(() => undefined);
    await Promise.race([left, sleep(graceMs, undefined, { ref: false })]);
    this.#assign([], false);
    this.#end.resolve();
  }

  #assign(partitions: readonly number[], member: boolean): void {
    this.#generation++;
    this.#member = member;
    this.#partitions = partitions;
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const generation = this.#generation;
    let expelled = false;
    const rejoined = (): boolean => expelled || generation !== this.#generation;
    const verdict = await verdictOf(this.#options.handler, toLogBatch(payload, generation), {
      stale: () => rejoined() || this.#stopped !== undefined || !payload.isRunning() || payload.isStale(),
      heartbeat: () =>
        payload.heartbeat().catch(() => {
          expelled = true; // the runner's own heartbeat after this handler meets the same fault, and rejoins
        }),
    });
    if (!rejoined() && this.#stopped === undefined) this.#apply(payload, verdict);
  }

  /** Without any of these kafkajs would call again with the same data at once. */
  #apply({ batch, pause, resolveOffset, isStale }: EachBatchPayload, verdict: BatchVerdict): void {
    if (verdict.kind === 'pause') this.#resumeAfter(verdict.ms, pause());
    else if (verdict.kind === 'seek' || verdict.offset <= fetchedOffsetOf(batch)) this.seek(batch.partition, verdict.offset);
    else if (!isStale()) resolveOffset(String(verdict.offset - 1));
  }

  /** Waiting inside the handler instead would hold up every other partition: kafkajs fetches when all handlers have returned. */
  #resumeAfter(ms: number, resume: () => void): void {
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      resume();
    }, ms);
    this.#pauses.add(timer);
  }
}

const newConsumer = ({ newClient, sessionTimeoutMs, heartbeatMs }: KafkaSettings, groupId: string): Consumer =>
  newClient().consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    maxWaitTimeInMs: pollMs,
    maxBytesPerPartition: bytesPerPartitionMax,
    maxBytes: bytesMax,
    allowAutoTopicCreation: false,
    retry: { retries: 30, initialRetryTime: 100, maxRetryTime: 1_000 },
  });

/** The field is in the class and not in its type. */
const fetchedOffsetOf = (batch: Batch): number => Number((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset);

const toLogBatch = ({ batch }: EachBatchPayload, generation: number): LogBatch => ({
  topic: batch.topic,
  partition: batch.partition,
  generation,
  fetchedOffset: fetchedOffsetOf(batch),
  records: batch.messages.map((message) => toLogRecord(batch.topic, batch.partition, message)),
});
