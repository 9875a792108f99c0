import type { BatchControl, BatchVerdict, Consumption, EventLog, LogBatch } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import { watchPartitions } from './partition-gauges.ts';
import type { PartitionStatus } from './processor.ts';

/** How far a consumer without state of its own has come in its topic. */
export interface Following {
  readonly topic: string;
  readonly partitions: number;
  status(): readonly PartitionStatus[];
  /** Leaves the group after the batch that is under way, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** A consumer that keeps nothing but its place: each batch is handled at least once, in order. */
export interface Follower {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Metrics;
  readonly topic: string;
  readonly group: string;
  /** A throw counts as a pause of one second. */
  onBatch(batch: LogBatch, control: BatchControl): Promise<BatchVerdict>;
}

/** Joins the group and begins; what a verdict says is done is committed. @throws AttuneError LOG_UNAVAILABLE */
export async function followTopic({ log, clock, telemetry, topic, group, onBatch }: Follower): Promise<Following> {
  const reached = new Map<number, number>();
  const { partitions } = await log.identity(topic);
  for (let partition = 0; partition < partitions; partition++) reached.set(partition, (await log.committed(group, topic, partition)) ?? 0);
  const joined = Promise.withResolvers<Consumption>();
  const handled = async (batch: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    const verdict = await onBatch(batch, control);
    if (verdict.kind !== 'next') return verdict;
    const consumption = await joined.promise;
    // A commit that fails is made good by the next one: until then a restart handles some records twice.
    await consumption.commit(new Map([[batch.partition, verdict.offset]])).catch(() => undefined);
    reached.set(batch.partition, verdict.offset);
    return verdict;
  };
  const consumption = await log.consume({ topic, group, handler: { onBatch: handled } });
  joined.resolve(consumption);
  const status = (): readonly PartitionStatus[] =>
    [...reached].map(([partition, nextOffset]) => ({ partition, nextOffset, publishedUpTo: nextOffset, stoppedBy: undefined }));
  const own = (): readonly PartitionStatus[] => {
    const { partitions: mine } = consumption.assignment();
    return status().filter(({ partition }) => mine.includes(partition));
  };
  const watches = watchPartitions({ processor: group, topic, telemetry, log, clock, status: own });
  const stop = (graceMs: number): Promise<void> => {
    for (const end of watches) end();
    return consumption.stop(graceMs);
  };
  return { topic, partitions, status, stop };
}
