import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '@attune/kernel/hash';
import { CompressionTypes, type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { isRefusal, toLogFault, withinDeadline } from './deadline.ts';
import type { KafkaSettings } from './kafka-client.ts';
import type { KafkaReader } from './kafka-reader.ts';
import { toMessage } from './kafka-records.ts';
import type { NewRecord, Position, TenantId } from './port.ts';

interface Outgoing {
  readonly topic: string;
  readonly partition: number;
  readonly message: Message;
  readonly bytes: number;
  /** False once its caller has been told of a fault. */
  readonly wanted: () => boolean;
  readonly sent: PromiseWithResolvers<Position>;
  /** Tells the caller. At once: what the same caller wanted sent behind it must not be. */
  readonly fail: (fault: unknown) => void;
}

/** kafkajs puts all records of a partition into one batch, and brokers take batches of 1 MiB. */
const sendBytesMax = 768 * 1024;
const overheadBytes = 64;

/**
 * One send chain: a send is under way or nothing waits. What is appended meanwhile goes together with the next, in the order of arrival,
 * so a partition keeps the order of its callers without kafkajs' experimental idempotence.
 */
export class KafkaSender {
  readonly #producer: Producer;
  readonly #reader: KafkaReader;
  readonly #deadlineMs: number;
  #waiting: Outgoing[] = [];
  /** Promises and not numbers: everyone waits one turn on the same promise, so appends keep their order while the first one looks the topic up. */
  readonly #partitions = new Map<string, Promise<number>>();
  #sending = false;
  #chain: Promise<void> = Promise.resolve();
  #connected: Promise<void> | undefined;

  constructor(settings: KafkaSettings, reader: KafkaReader) {
    this.#producer = settings.newClient().producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    this.#reader = reader;
    this.#deadlineMs = settings.deadlineMs;
  }

  /** Positions in the order of the records, once every in-sync replica has them. @throws AttuneError LOG_UNAVAILABLE, EVENT_TOO_LARGE */
  append(tenant: TenantId, topic: string, records: readonly NewRecord[]): Promise<readonly Position[]> {
    return withinDeadline(this.#deadlineMs, `an append to ${topic}`, async (over) => {
      const partitions = await this.#partitionsOf(topic);
      let failed = false;
      const outgoing = records.map((record): Outgoing => {
        const partition = record.partition ?? partitionOf(record.key, partitions);
        const bytes = overheadBytes + record.value.length + 4 * record.key.length;
        const message = toMessage(tenant, record, partition);
        const sent = Promise.withResolvers<Position>();
        const fail = (fault: unknown): void => {
          failed = true;
          sent.reject(fault);
        };
        return { topic, partition, message, bytes, wanted: () => !failed && !over(), sent, fail };
      });
      this.#waiting.push(...outgoing);
      if (!this.#sending) this.#chain = this.#sendAll();
      return Promise.all(outgoing.map(({ sent }) => sent.promise));
    });
  }

  /** Waits for the send under way, for `deadlineMs` at most. */
  async close(): Promise<void> {
    await Promise.race([this.#chain, sleep(this.#deadlineMs, undefined, { ref: false })]);
    await this.#producer.disconnect();
  }

  #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const asked = this.#reader.partitions(topic);
    this.#partitions.set(topic, asked);
    asked.catch(() => this.#partitions.delete(topic));
    return asked;
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    for (let next = this.#take(); next.length > 0; next = this.#take()) await this.#sendOrReject(next);
    this.#sending = false;
  }

  /** One record that the broker refuses for good must not take its neighbours along, so those are then sent one by one. */
  async #sendOrReject(outgoing: readonly Outgoing[]): Promise<void> {
    try {
      await this.#send(outgoing);
    } catch (fault) {
      if (isRefusal(fault) && outgoing.length > 1) {
        for (const one of outgoing) if (one.wanted()) await this.#sendOrReject([one]);
      } else for (const { fail } of outgoing) fail(toLogFault(fault));
    }
  }

  #take(): Outgoing[] {
    const taken: Outgoing[] = [];
    let bytes = 0;
    let end = 0;
    for (const outgoing of this.#waiting) {
      if (taken.length > 0 && bytes + outgoing.bytes > sendBytesMax) break;
      end++;
      if (!outgoing.wanted()) continue;
      bytes += outgoing.bytes;
      taken.push(outgoing);
    }
    this.#waiting = this.#waiting.slice(end);
    return taken;
  }

  async #send(outgoing: readonly Outgoing[]): Promise<void> {
    this.#connected ??= this.#producer.connect();
    await this.#connected.catch((fault) => {
      this.#connected = undefined;
      throw fault;
    });
    const topicMessages = [...Map.groupBy(outgoing, ({ topic }) => topic)].map(([topic, group]) => ({ topic, messages: group.map(({ message }) => message) }));
    const answer = await this.#producer.sendBatch({ acks: -1, timeout: this.#deadlineMs, compression: CompressionTypes.None, topicMessages });
    resolveAll(outgoing, answer);
  }
}

/** The broker names the offset of the first record of each partition; the others follow in the order sent. */
function resolveAll(outgoing: readonly Outgoing[], answer: readonly RecordMetadata[]): void {
  const next = new Map(answer.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, Number(baseOffset)]));
  for (const { topic, partition, sent } of outgoing) {
    const name = `${topic}/${partition}`;
    const offset = next.get(name) ?? Number.NaN;
    next.set(name, offset + 1);
    sent.resolve({ topic, partition, offset });
  }
}
