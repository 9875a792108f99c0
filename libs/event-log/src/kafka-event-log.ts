import type { Admin } from 'kafkajs';
import { withinDeadline } from './deadline.ts';
import { type KafkaEventLogOptions, type KafkaSettings, kafkaSettings } from './kafka-client.ts';
import { KafkaConsumption } from './kafka-consumption.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaSender } from './kafka-sender.ts';
import { ensureKafkaTopics } from './kafka-topics.ts';
import type { ConsumeOptions, Consumption, EventLog, LogBounds, LogIdentity, LogRecord, NewRecord, Position, TenantId, TopicSpec } from './port.ts';

export type { KafkaEventLogOptions } from './kafka-client.ts';

const closeGraceMs = 1_000;

/** The log on Kafka, through kafkajs 2.2.4 and around its defects. Connects at first use. */
export class KafkaEventLog implements EventLog {
  readonly #settings: KafkaSettings;
  readonly #admin: Admin;
  readonly #reader: KafkaReader;
  readonly #sender: KafkaSender;
  readonly #consumptions = new Set<KafkaConsumption>();
  #connected: Promise<void> | undefined;

  constructor(options: KafkaEventLogOptions) {
    this.#settings = kafkaSettings(options);
    this.#admin = this.#settings.newClient().admin();
    this.#reader = new KafkaReader(this.#settings);
    this.#sender = new KafkaSender(this.#settings, this.#reader);
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    return withinDeadline(this.#settings.topicsDeadlineMs, 'the making of topics', async (over) => {
      await this.#connect();
      await ensureKafkaTopics(this.#admin, specs, over);
    });
  }

  identity(topic: string): Promise<LogIdentity> {
    return this.#ask('identity', async () => {
      const [{ clusterId }, { topics }] = await Promise.all([this.#admin.describeCluster(), this.#admin.fetchTopicMetadata({ topics: [topic] })]);
      return { logId: clusterId, partitions: topics[0]?.partitions.length ?? 0 };
    });
  }

  bounds(topic: string, partition: number): Promise<LogBounds> {
    return this.#reader.bounds(topic, partition);
  }

  append(tenant: TenantId, topic: string, records: readonly NewRecord[]): Promise<readonly Position[]> {
    return this.#sender.append(tenant, topic, records);
  }

  read(topic: string, partition: number, fromOffset: number, max: number): Promise<readonly LogRecord[]> {
    return this.#reader.read({ topic, partition, offset: fromOffset }, max);
  }

  committed(group: string, topic: string, partition: number): Promise<number | undefined> {
    return this.#ask('committed offsets', async () => {
      const answer = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] });
      const offset = Number(answer[0]?.partitions.find((entry) => entry.partition === partition)?.offset ?? -1);
      return offset < 0 ? undefined : offset;
    });
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    const consumption = new KafkaConsumption(this.#settings, options);
    await consumption.join();
    this.#consumptions.add(consumption);
    return consumption;
  }

  /** Stops what still consumes, with one second of grace, and closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.stop(closeGraceMs)));
    await Promise.allSettled([this.#sender.close(), this.#reader.close(), this.#admin.disconnect()]);
  }

  #ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    return withinDeadline(this.#settings.deadlineMs, what, async () => {
      await this.#connect();
      return question();
    });
  }

  async #connect(): Promise<void> {
    this.#connected ??= this.#admin.connect();
    await this.#connected.catch((fault) => {
      this.#connected = undefined;
      throw fault;
    });
  }
}
