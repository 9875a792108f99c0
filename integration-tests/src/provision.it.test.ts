import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';

test('the Redis of the run answers', async () => {
  const redis = new Redis(endpoints().redisUrl);
  await expect(redis.ping()).resolves.toBe('PONG');
  redis.disconnect();
});

test('the Kafka of the run keeps a record and gives it back', async () => {
  const topic = `${freshPrefix()}.provision`;
  const kafka = new Kafka({ brokers: endpoints().brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
  await producer.send({ topic, messages: [{ value: 'kept' }] });
  await consumer.subscribe({ topic, fromBeginning: true });
  const value = await new Promise((resolve) => void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }));
  expect(value).toBe('kept');
  await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
});

test('two prefixes never meet', () => {
  expect(freshPrefix()).not.toBe(freshPrefix());
});
