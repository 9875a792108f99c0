import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { readSettings } from '@attune/testing/provision/config';
import { engineAnswers, startContainerServers } from '@attune/testing/provision/container-servers';
import { expect, onTestFinished, test } from 'vitest';

test('Kafka and Redis in containers keep a record and a state', { timeout: 600_000 }, async (context) => {
  if (!(await engineAnswers())) context.skip('no container engine answers: start Docker, or name one in DOCKER_HOST');
  const servers = await startContainerServers(readSettings());
  onTestFinished(() => servers.stop());
  const log = new KafkaEventLog({ brokers: servers.brokers.split(',') });
  onTestFinished(() => log.close());
  await log.ensureTopics([{ topic: 'kept', partitions: 1 }]);
  await log.append('t', 'kept', [{ key: 'k', value: Buffer.from('v') }]);
  expect((await log.read('kept', 0, 0, 10)).map(({ value }) => String(value))).toEqual(['v']);
  const store = new RedisStateStore({ url: servers.redisUrl });
  onTestFinished(() => store.close());
  await store.connected();
  const slot = { processor: 'p', partition: 0, partitions: 1 };
  const change = {
    watermark: Buffer.from('w'),
    states: new Map([['t:k:1', Buffer.from('s')]]),
    emissions: [],
    published: [],
    due: new Map(),
    skipped: new Map(),
  };
  expect(await store.commit(slot, new Uint8Array(), change)).toEqual({ kind: 'committed' });
  expect((await store.read(slot, ['t:k:1'])).states.map(String)).toEqual(['s']);
});
