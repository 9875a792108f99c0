import { Activity } from '@attune/contracts/messages/log/v1/log';
import type { Redis } from 'ioredis';
import { type Cost, startCost } from './measure.ts';
import { quietKafka } from './servers.ts';

/** What the floor reads, and how much it writes. */
export interface ProfileFloor {
  readonly brokers: string;
  readonly redis: Redis;
  readonly topic: string;
  readonly records: number;
  /** Of what is set for a profile: as many as a profile has. */
  readonly bytes: number;
  /** Consumer group, and what stands in front of its keys in Redis. */
  readonly name: string;
}

/** The least that does the same IO and keeps no promise: kafkajs, the record and its JSON parsed, and for each fetched batch one pipeline with a SET a profile. Nothing is opened, folded or sealed. */
export async function runProfileFloor({ brokers, redis, topic, records, bytes, name }: ProfileFloor): Promise<Cost> {
  const consumer = quietKafka(brokers).consumer({ groupId: name, maxWaitTimeInMs: 100, maxBytesPerPartition: 1024 * 1024 });
  const done = Promise.withResolvers<Cost>();
  const profile = Buffer.alloc(bytes, 'x');
  const keys = new Set<string>();
  let cost: (() => Cost) | undefined;
  let read = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: async ({ batch, heartbeat }) => {
      cost ??= startCost();
      const changed = new Set<string>();
      for (const { value } of batch.messages) changed.add(parsed(value ?? Buffer.alloc(0)));
      const pipeline = redis.pipeline();
      for (const key of changed) pipeline.set(`${name}:${key}`, profile);
      await pipeline.exec();
      for (const key of changed) keys.add(key);
      read += batch.messages.length;
      await heartbeat();
      if (read >= records) done.resolve(cost());
    },
  });
  const answer = await done.promise;
  await consumer.disconnect();
  await redis.unlink([...keys].map((key) => `${name}:${key}`));
  return answer;
}

/** Reads a record as far as anybody must; answers its profile. */
function parsed(value: Buffer): string {
  const { profileId, record } = Activity.decode(value);
  if (record?.$case === 'event') JSON.parse(record.value.openJson);
  return profileId;
}
