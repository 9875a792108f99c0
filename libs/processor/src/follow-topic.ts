import type { BatchControl, BatchVerdict, Consumption, EventLog, LogBatch } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { Clock } from '@attune/runtime/world';
import { FollowedPlaces } from './followed-places.ts';
import { watchPartitions } from './partition-gauges.ts';
import type { PartitionStatus } from './processor.ts';
import type { Standing } from './standing.ts';

/** How far a consumer without state of its own has come in its topic. */
export interface Following {
  readonly topic: string;
  /** The partitions that are its own now, as far as their place is known. */
  status(): readonly PartitionStatus[];
  /** How it stands in its group. */
  standing(): Standing;
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
  const joined = Promise.withResolvers<Consumption>();
  const places = new FollowedPlaces((partition) => log.committed(group, topic, partition));
  const handled = async (batch: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    const turn = (): void => places.turn(batch.partition);
    const heartbeat = (): Promise<void> => {
      turn(); // a long batch is work too
      return control.heartbeat();
    };
    const verdict = await onBatch(batch, { ...control, heartbeat }).finally(turn);
    if (verdict.kind !== 'next') return verdict;
    const consumption = await joined.promise;
    await commitPlace(consumption, batch.partition, verdict.offset);
    places.reached(batch.generation, batch.partition, verdict.offset);
    return verdict;
  };
  const consumption = await log.consume({ topic, group, handler: { onBatch: handled } });
  joined.resolve(consumption);
  let endedBy: Standing['endedBy'];
  consumption.ended.catch(() => {
    endedBy = 'LOG_UNAVAILABLE';
  });
  const standing = (): Standing => ({ joined: consumption.assignment().member, endedBy, partitions: places.standing(consumption.assignment()) });
  const status = (): readonly PartitionStatus[] =>
    standing().partitions.flatMap(({ partition, nextOffset, stoppedBy }) =>
      nextOffset === undefined ? [] : [{ partition, nextOffset, publishedUpTo: nextOffset, stoppedBy }],
    );
  const watches = watchPartitions({ processor: group, topic, telemetry, log, clock, status });
  const stop = (graceMs: number): Promise<void> => {
    for (const end of watches) end();
    return consumption.stop(graceMs);
  };
  return { topic, status, standing, stop };
}

const COMMIT_TRIES = 4;

/** The place is tried again at once, for the next batch may be days away: a commit that fails for longer is made good by the next one, and until then a restart handles some records twice. */
async function commitPlace(consumption: Consumption, partition: number, offset: number): Promise<void> {
  for (let tries = 0; tries < COMMIT_TRIES; tries++) {
    const committed = await consumption.commit(new Map([[partition, offset]])).then(
      () => true,
      () => false,
    );
    if (committed) return;
  }
}
