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
  /** The call that it came with, and its place there. */
  readonly call: AppendCall;
  readonly index: number;
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
      const call = new AppendCall(records.length, over);
      for (const [index, record] of records.entries()) {
        const partition = record.partition ?? partitionOf(record.key, partitions);
        const bytes = overheadBytes + record.value.length + 4 * record.key.length;
        this.#waiting.push({ topic, partition, message: toMessage(tenant, record, partition), bytes, call, index });
      }
      if (!this.#sending) this.#chain = this.#sendAll();
      return call.sent;
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
        for (const one of outgoing) if (one.call.wanted) await this.#sendOrReject([one]);
      } else for (const { call } of outgoing) call.fail(toLogFault(fault));
    }
  }

  #take(): Outgoing[] {
    const taken: Outgoing[] = [];
    let bytes = 0;
    let end = 0;
    for (const outgoing of this.#waiting) {
      if (taken.length > 0 && bytes + outgoing.bytes > sendBytesMax) break;
      end++;
      if (!outgoing.call.wanted) continue;
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

/** One call of `append`: all of its records are sent, or the first fault ends it. */
class AppendCall {
  /** Resolves with the positions of all records, in their order. */
  readonly sent: Promise<readonly Position[]>;
  readonly #over: () => boolean;
  readonly #settled = Promise.withResolvers<readonly Position[]>();
  readonly #positions: Position[];
  #missing: number;
  #failed = false;

  constructor(records: number, over: () => boolean) {
    this.#over = over;
    this.#positions = new Array<Position>(records);
    this.#missing = records;
    this.sent = this.#settled.promise;
    if (records === 0) this.#settled.resolve([]);
  }

  /** False once the caller has been told of a fault: what it wanted sent behind that must not be. */
  get wanted(): boolean {
    return !this.#failed && !this.#over();
  }

  at(index: number, position: Position): void {
    this.#positions[index] = position;
    if (--this.#missing === 0) this.#settled.resolve(this.#positions);
  }

  fail(fault: unknown): void {
    this.#failed = true;
    this.#settled.reject(fault);
  }
}

/** The broker names the offset of the first record of each partition; the others follow in the order sent. */
function resolveAll(outgoing: readonly Outgoing[], answer: readonly RecordMetadata[]): void {
  const next = new Map(answer.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, Number(baseOffset)]));
  for (const { topic, partition, call, index } of outgoing) {
    const name = `${topic}/${partition}`;
    const offset = next.get(name) ?? Number.NaN;
    next.set(name, offset + 1);
    call.at(index, { topic, partition, offset });
  }
}
