import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import { systemClock } from '@attune/runtime/world';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, test } from 'vitest';
import { headersOf, REJECTED, REPLAYED } from '../ports.ts';
import { listRejected } from './list-rejected.ts';
import { replayedEvents } from './replayed-events.ts';

const PARTITIONS = 16;
const REFUSED = 700;

test('what lies in many partitions of Kafka is listed newest first, each once, however many pages it takes', { timeout: 120_000 }, async () => {
  const log = namespacedLog(new KafkaEventLog({ brokers: endpoints().brokers.split(',') }), freshPrefix());
  try {
    await log.ensureTopics([
      { topic: REJECTED, partitions: PARTITIONS },
      { topic: REPLAYED, partitions: 1 },
    ]);
    const records = Array.from({ length: REFUSED }, (_, i) => {
      const told = RejectedEvent.fromPartial({ code: i % 7 === 0 ? 'FIELD_MISSING' : 'EVENT_UNDECLARED', receivedAtMs: BigInt(systemClock.nowMs()) });
      return { key: `refused ${i}`, value: RejectedEvent.encode(told).finish(), headers: headersOf('RejectedEvent') };
    });
    for (let at = 0; at < REFUSED; at += 100) await log.append('default', REJECTED, records.slice(at, at + 100));
    const list = listRejected({ log, clock: systemClock, replayed: replayedEvents({ log, clock: systemClock }) });
    const all: { readonly id: string; readonly appendedAtMs: number }[] = [];
    let token = '';
    do {
      const page = await list('default', { max: 100, token, code: '' });
      all.push(...page.found.map(({ id, record: { appendedAtMs } }) => ({ id, appendedAtMs })));
      ({ token } = page);
    } while (token !== '');
    expect(new Set(all.map(({ id }) => id)).size).toBe(REFUSED);
    expect(all.map(({ appendedAtMs }) => appendedAtMs)).toEqual(all.map(({ appendedAtMs }) => appendedAtMs).toSorted((a, b) => b - a));
    const { found } = await list('default', { max: 100, token: '', code: 'FIELD_MISSING' });
    expect(found).toHaveLength(REFUSED / 7);
  } finally {
    await log.close();
  }
});
