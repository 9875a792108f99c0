import { quietKafka } from './servers.ts';

/** One topic between a producer and a consumer of kafkajs, with nothing behind it. */
export interface KafkaHop {
  /** From the call of `send` to the consumer's handler, in ms. */
  pass(): Promise<number>;
  /** Sends messages of the same size that nobody waits for. */
  fill(count: number): Promise<void>;
  end(): Promise<void>;
}

const PARTITIONS = 4;
/** The same as the services' consumers wait. */
const WAIT_MS = 100;
const KEYS = 64;

/** Opens the hop on a topic of its own, with messages of so many bytes, all replicas in sync asked for. Warm once it resolves. */
export async function openHop(brokers: string, topic: string, bytes = 300): Promise<KafkaHop> {
  const kafka = quietKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: WAIT_MS });
  const waiting = new Map<string, (atMs: number) => void>();
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: PARTITIONS,
    eachMessage: async ({ message }) => {
      const id = message.headers?.['id']?.toString();
      if (id !== undefined) waiting.get(id)?.(performance.now());
    },
  });
  const value = Buffer.alloc(bytes, 'x');
  let sent = 0;
  const pass = async (): Promise<number> => {
    const id = String(sent++);
    const arrived = Promise.withResolvers<number>();
    waiting.set(id, arrived.resolve);
    const fromMs = performance.now();
    const message = { key: `k${sent % KEYS}`, value, headers: { id } };
    const [, atMs] = await Promise.all([producer.send({ topic, acks: -1, messages: [message] }), arrived.promise]);
    waiting.delete(id);
    return atMs - fromMs;
  };
  await pass();
  return {
    pass,
    fill: async (count) => {
      await producer.send({ topic, acks: -1, messages: Array.from({ length: count }, (_, i) => ({ key: `k${i % KEYS}`, value })) });
    },
    end: async () => {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    },
  };
}
