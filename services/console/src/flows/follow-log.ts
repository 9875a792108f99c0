import { randomUUID } from 'node:crypto';
import type { Consumption, EventLog, LogRecord } from '@attune/event-log/port';
import type { Stopwatch } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import { addEntry, type ReadModel } from '../domain/read-model.ts';
import { readRecords } from './read-records.ts';

/** The topics that the page tells of. */
export const TOPICS = ['attune.activity.v1', 'attune.profiles.v1', 'attune.decisions.v1', 'attune.deliveries.v1', 'attune.events.rejected.v1'] as const;

export interface FollowPorts {
  readonly log: EventLog;
  readonly ring: KeyRing;
  readonly stopwatch: Stopwatch;
}

/** Folds the log into the model from the first record on, under a group of its own that never commits; the answer stops it within `graceMs`. @throws AttuneError LOG_UNAVAILABLE */
export async function followLog(model: ReadModel, tenant: string, { log, ring, stopwatch }: FollowPorts): Promise<(graceMs: number) => Promise<void>> {
  const group = `console-${randomUUID()}`;
  const consumptions: Consumption[] = [];
  for (const topic of TOPICS) {
    const ends = await endsOf(log, topic);
    const onBatch = async ({ partition, records, fetchedOffset }: { partition: number; records: readonly LogRecord[]; fetchedOffset: number }) => {
      const own = records.filter((record) => record.tenant === tenant);
      const entries = await readRecords(own, { model, ring, tenant });
      const second = Math.floor(stopwatch.elapsedMs() / 1_000);
      for (const { entry, offset } of entries) addEntry(model, entry, offset >= (ends[partition] ?? 0) ? second : undefined);
      return { kind: 'next', offset: (records.at(-1)?.offset ?? fetchedOffset - 1) + 1 } as const;
    };
    consumptions.push(await log.consume({ topic, group, handler: { onBatch } }));
  }
  return async (graceMs) => void (await Promise.all(consumptions.map((it) => it.stop(graceMs))));
}

/** What lies below was there before the start: it belongs to no second of ours. */
async function endsOf(log: EventLog, topic: string): Promise<readonly number[]> {
  const { partitions } = await log.identity(topic);
  return Promise.all(Array.from({ length: partitions }, async (_, partition) => (await log.bounds(topic, partition)).endOffset));
}
