import type { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { type Counters, copyOf, count, emptyCounters, parseEvent } from './counter-fold.ts';
import { type Cost, startCost } from './measure.ts';

export interface FloorRun {
  readonly brokers: readonly string[];
  readonly redis: Redis;
  readonly topic: string;
  readonly events: number;
  /** Consumer group, and what stands in front of its keys in Redis. */
  readonly name: string;
}

/** The least that does the same IO and keeps no promise: kafkajs, JSON, the fold in memory, and for each fetched batch one pipeline with a SET a profile. */
export async function runFloor({ brokers, redis, topic, events, name }: FloorRun): Promise<Cost> {
  const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: name,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1024 * 1024,
  });
  const states = new Map<string, Counters>();
  const done = Promise.withResolvers<Cost>();
  let cost: (() => Cost) | undefined;
  let folded = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: async ({ batch, heartbeat }) => {
      cost ??= startCost();
      const changed = new Map<string, Counters>();
      for (const { value } of batch.messages) {
        const event = parseEvent(value ?? new Uint8Array());
        const state = states.get(event.customerId) ?? emptyCounters();
        count(state, event);
        states.set(event.customerId, state);
        changed.set(event.customerId, state);
      }
      const pipeline = redis.pipeline();
      for (const [key, state] of changed) pipeline.set(`${name}:${key}`, copyOf(state) as Buffer);
      await pipeline.exec();
      folded += batch.messages.length;
      await heartbeat();
      if (folded >= events) done.resolve(cost());
    },
  });
  const answer = await done.promise;
  await consumer.disconnect();
  await redis.unlink([...states.keys()].map((key) => `${name}:${key}`));
  return answer;
}
