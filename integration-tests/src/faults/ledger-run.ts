import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import type { EventLog, LogRecord, NewRecord } from '@attune/event-log/port';
import type { SeededRandom } from '@attune/kernel/random';
import { decodeWatermark } from '@attune/processor/watermark';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { type Endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import type { LedgerRun } from './ledger-definition.ts';

export const PARTITIONS = 4;
const KEYS = 2_000;
const CHUNK = 100;
const CHUNK_EVERY_MS = 120;
const READ_MAX = 5_000;
const text = new TextEncoder();

/** The test's own clients, and the run that its workers get. */
export interface OpenRun {
  readonly run: LedgerRun;
  readonly log: KafkaEventLog;
  readonly store: RedisStateStore;
  close(): Promise<void>;
}

/** Makes the topics of a new run. */
export async function openRun(servers: Endpoints): Promise<OpenRun> {
  const prefix = freshPrefix();
  const run: LedgerRun = { ...servers, name: `${prefix}-ledger`, input: `${prefix}-in`, output: `${prefix}-out` };
  const log = new KafkaEventLog({ brokers: run.brokers.split(','), deadlineMs: 10_000 });
  const store = new RedisStateStore({ url: run.redisUrl });
  await log.ensureTopics([run.input, run.output].map((topic) => ({ topic, partitions: PARTITIONS })));
  await store.connected();
  return {
    run,
    log,
    store,
    async close() {
      await Promise.all([log.close(), store.close()]);
    },
  };
}

/** Appends about 800 records a second until told to stop; one in 400 cannot be folded, one in eleven asks to be woken. Answers how many there were. */
export async function produce({ run, log }: OpenRun, random: SeededRandom, goOn: (appended: number) => boolean): Promise<number> {
  let appended = 0;
  while (goOn(appended)) {
    const records = Array.from({ length: CHUNK }, () => recordOf(random));
    await Promise.all([log.append('default', run.input, records), sleep(CHUNK_EVERY_MS)]);
    appended += CHUNK;
  }
  return appended;
}

function recordOf(random: SeededRandom): NewRecord {
  const amount = 1 + Math.floor(random() * 1_000);
  const poison = random() < 1 / 400;
  return { key: `k${Math.floor(random() * KEYS)}`, value: text.encode(JSON.stringify({ amount, ...(poison ? { poison } : {}) })) };
}

/** What each partition still has to do, in words; empty once all is folded, published, trimmed, committed and nobody waits to be woken. */
export async function unfinished({ run, log, store }: OpenRun): Promise<readonly string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const slot = { processor: run.name, partition, partitions: PARTITIONS };
    const due = await store.due(slot, Number.MAX_SAFE_INTEGER, 1);
    const { watermark, entries } = await store.outbox(slot);
    const committed = await log.committed(run.name, run.input, partition);
    const { endOffset } = await log.bounds(run.input, partition);
    const folded = decodeWatermark(watermark)?.nextOffset ?? 0;
    if (folded < endOffset || committed !== endOffset || entries.length > 0 || due.length > 0)
      found.push(`${partition}: folded ${folded}, committed ${committed} of ${endOffset}, outbox ${entries.length}, due ${due.length}`);
  }
  return found;
}

/** All records of a partition, read without a group. */
export async function recordsOf(log: EventLog, topic: string, partition: number): Promise<readonly LogRecord[]> {
  const { endOffset } = await log.bounds(topic, partition);
  const records: LogRecord[] = [];
  for (let offset = 0; offset < endOffset; offset = (records.at(-1)?.offset ?? endOffset) + 1)
    records.push(...(await log.read(topic, partition, offset, READ_MAX)));
  return records;
}
