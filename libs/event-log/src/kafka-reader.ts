import { setTimeout as sleep } from 'node:timers/promises';
import { AttuneError } from '@attune/kernel/errors';
import { type Broker, type Cluster, type KafkaMessage, PartitionAssigners } from 'kafkajs';
import { isRefusal, withinDeadline } from './deadline.ts';
import type { KafkaSettings } from './kafka-client.ts';
import { toLogRecord } from './kafka-records.ts';
import type { LogBounds, LogRecord, Position } from './port.ts';

type FetchedMessage = KafkaMessage & {
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
};

interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[] }[];
}

const retryMs = 100;
const fetchBytesMax = 1024 * 1024;

/** Asks brokers for records and ends of partitions without a consumer group (docs/adr/0010). One set of connections, kept open. */
export class KafkaReader {
  readonly #cluster: Cluster;
  readonly #deadlineMs: number;

  constructor(settings: KafkaSettings) {
    this.#cluster = clusterOf(settings);
    this.#deadlineMs = settings.deadlineMs;
  }

  /** @throws AttuneError LOG_UNAVAILABLE, also for an unknown topic. */
  partitions(topic: string): Promise<number> {
    return this.#ask('metadata', topic, async () => {
      const { length } = this.#cluster.findTopicPartitionMetadata(topic);
      if (length === 0) throw new AttuneError('LOG_UNAVAILABLE', `There is no topic ${topic}.`);
      return length;
    });
  }

  bounds(topic: string, partition: number): Promise<LogBounds> {
    const end = (fromBeginning: boolean) => this.#endOf({ topic, partition, fromBeginning });
    return this.#ask('bounds', topic, async () => {
      const [startOffset, endOffset] = await Promise.all([end(true), end(false)]);
      return { startOffset, endOffset };
    });
  }

  /** Up to `max` records from the offset on. Below the first kept record it starts there; at and above the end it is empty. */
  async read(from: Position, max: number): Promise<readonly LogRecord[]> {
    const { topic, partition } = from;
    const found: LogRecord[] = [];
    let { offset } = from;
    while (found.length < max) {
      const messages = await this.#fetch({ topic, partition, offset }, max === 1 ? 1 : fetchBytesMax);
      const last = messages.at(-1);
      if (last === undefined || offsetBehind(last) <= offset) break;
      for (const message of messages) {
        if (Number(message.offset) >= offset && message.isControlRecord !== true) found.push(toLogRecord(topic, partition, message));
      }
      offset = offsetBehind(last);
    }
    return found.slice(0, max);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  async #fetch(at: Position, maxBytes: number): Promise<readonly FetchedMessage[]> {
    const { startOffset, endOffset } = await this.bounds(at.topic, at.partition);
    if (at.offset >= endOffset) return [];
    const fetchOffset = String(Math.max(at.offset, startOffset));
    const topics = [{ topic: at.topic, partitions: [{ partition: at.partition, fetchOffset, maxBytes }] }];
    return this.#ask('fetch', at.topic, async () => {
      const broker = await this.#leader(at.topic, at.partition);
      const answer = (await broker.fetch({ maxWaitTime: this.#deadlineMs / 2, minBytes: 1, maxBytes, topics })) as FetchAnswer;
      return answer.responses[0]?.partitions[0]?.messages ?? [];
    });
  }

  async #endOf({ topic, partition, fromBeginning }: { topic: string; partition: number; fromBeginning: boolean }): Promise<number> {
    const answer = await this.#cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
    const offset = answer[0]?.partitions[0]?.offset;
    if (offset === undefined) throw new AttuneError('LOG_UNAVAILABLE', `There is no partition ${partition} of ${topic}.`);
    return Number(offset);
  }

  #leader(topic: string, partition: number): Promise<Broker> {
    const [nodeId] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new AttuneError('LOG_UNAVAILABLE', `Partition ${partition} of ${topic} has no leader.`);
    return this.#cluster.findBroker({ nodeId });
  }

  /** Asks again with fresh metadata until the deadline: leaders move, brokers restart. */
  #ask<T>(what: string, topic: string, question: () => Promise<T>): Promise<T> {
    return withinDeadline(this.#deadlineMs, `${what} of ${topic}`, async (over) => {
      for (;;) {
        try {
          if (!this.#cluster.isConnected()) await this.#cluster.connect();
          await this.#cluster.addTargetTopic(topic);
          return await question();
        } catch (fault) {
          if (over() || isRefusal(fault)) throw fault;
          await sleep(retryMs);
          await this.#cluster.refreshMetadata().catch(() => undefined);
        }
      }
    });
  }
}

/** Compaction takes records out of a batch and leaves the batch its last offset: asked for one that is gone, brokers answer with the same batch again. */
const offsetBehind = ({ offset, batchContext }: FetchedMessage): number =>
  1 + (batchContext === undefined ? Number(offset) : Number(batchContext.firstOffset) + batchContext.lastOffsetDelta);

/** kafkajs hands its cluster to partition assigners: the one public way to send a plain fetch. The consumer made for it never joins anything. */
function clusterOf(settings: KafkaSettings): Cluster {
  let found: Cluster | undefined;
  settings.newClient().consumer({
    groupId: 'never-joined',
    readUncommitted: true,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        found = config.cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (found === undefined) throw new AttuneError('INTERNAL', 'kafkajs no longer makes assigners with its consumer.');
  return found;
}
