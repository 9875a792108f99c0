import { randomUUID } from 'node:crypto';
import type { BatchControl, BatchHandler, BatchVerdict, EventLog, LogBatch, LogRecord, NewRecord } from '@attune/event-log/port';
import { vi } from 'vitest';

/** A log under test, and how to come back to its records with a new adapter after this one was closed. */
export interface LogSubject {
  readonly log: EventLog;
  /** Absent where records end with the adapter. */
  readonly reopen?: () => Promise<EventLog>;
}

/** Opens one subject for each test; the suite closes its log. */
export type OpenSubject = () => Promise<LogSubject>;

export const tenant = 'acme';

/** A name that no other test uses. */
export const aName = (what: string): string => `contract.${what}.${randomUUID()}`;

/** A new topic. */
export async function aTopic(log: EventLog, partitions = 2): Promise<string> {
  const topic = aName('topic');
  await log.ensureTopics([{ topic, partitions }]);
  return topic;
}

/** A record whose value is the text. */
export const aRecord = (text: string, rest: Partial<Omit<NewRecord, 'value'>> = {}): NewRecord => ({
  key: text,
  value: new TextEncoder().encode(text),
  partition: 0,
  ...rest,
});

export const texts = (records: readonly LogRecord[]): string[] => records.map(({ value }) => new TextDecoder().decode(value));

/** Waits, for half a minute at most, until the check passes. */
export const eventually = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 10 });

/** A group member that remembers its batches and answers with the verdict of the moment. */
export class Witness implements BatchHandler {
  readonly batches: LogBatch[] = [];
  verdict: (batch: LogBatch, control: BatchControl) => BatchVerdict | Promise<BatchVerdict>;

  constructor(verdict: Witness['verdict'] = goOn) {
    this.verdict = verdict;
  }

  async onBatch(batch: LogBatch, control: BatchControl): Promise<BatchVerdict> {
    this.batches.push(batch);
    return this.verdict(batch, control);
  }

  /** Everything seen so far, repeats included. */
  seen(partition?: number): string[] {
    return this.batches.filter((batch) => partition === undefined || batch.partition === partition).flatMap(({ records }) => texts(records));
  }
}

/** The verdict of a handler that has done the whole batch. */
export const goOn = (batch: LogBatch): BatchVerdict => ({ kind: 'next', offset: (batch.records.at(-1)?.offset ?? batch.fetchedOffset) + 1 });
