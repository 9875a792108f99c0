import type { EventLog } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import type { PartitionStatus } from './processor.ts';

/** Whose partitions are watched: a processor, or a group that follows a topic. */
export interface Watched {
  readonly processor: string;
  readonly topic: string;
  readonly telemetry: Metrics;
  status(): readonly PartitionStatus[];
}

/** Where lag and age are read. */
export interface WatchedLog extends Watched {
  readonly log: EventLog;
  /** The clock of the log's appends. */
  readonly clock: Clock;
}

/** Tells lag, age and stops of the partitions that are this process's own, whenever somebody asks. The answers end it. */
export function watchPartitions({ processor, topic, telemetry, status, log, clock }: WatchedLog): readonly (() => void)[] {
  const labelsOf = (partition: number) => ({ processor, partition: String(partition) });
  const lagOf = async ({ partition, nextOffset, publishedUpTo = nextOffset }: PartitionStatus) =>
    (await log.bounds(topic, partition)).endOffset - Math.min(nextOffset, publishedUpTo);
  const ageOf = async ({ partition, nextOffset }: PartitionStatus) => {
    const [oldest] = await log.read(topic, partition, nextOffset, 1);
    return oldest === undefined ? 0 : Math.max(0, clock.nowMs() - oldest.appendedAtMs) / 1e3;
  };
  const read = (measure: (status: PartitionStatus) => Promise<number>) => () =>
    Promise.all(status().map(async (one) => ({ labels: labelsOf(one.partition), value: await measure(one) })));
  return [
    telemetry.watch('attune_processor_lag_records', read(lagOf)),
    telemetry.watch('attune_processor_oldest_age_seconds', read(ageOf)),
    telemetry.watch('attune_processor_stopped', () =>
      status().map(({ partition, stoppedBy }) => ({ labels: labelsOf(partition), value: stoppedBy === undefined ? 0 : 1 })),
    ),
  ];
}

/** What waits in the outbox of a partition. */
export interface Waiting {
  readonly partition: number;
  readonly waiting: number;
}

/** Tells how many emissions wait to be published, by partition of this process. */
export function watchOutbox({ processor, telemetry, status, waiting }: Watched & { waiting(): readonly Waiting[] }): readonly (() => void)[] {
  return [
    telemetry.watch('attune_processor_outbox_waiting', () => {
      const own = new Set(status().map(({ partition }) => partition));
      return waiting().flatMap((one) =>
        own.has(one.partition) ? [{ labels: { processor, partition: String(one.partition) }, value: Math.max(0, one.waiting) }] : [],
      );
    }),
  ];
}
