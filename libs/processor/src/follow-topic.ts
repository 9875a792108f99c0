import type { BatchControl, BatchVerdict, EventLog, LogBatch } from '@attune/event-log/port';
import type { Metrics } from '@attune/runtime/telemetry/port';
import { type Clock, type Stopwatch, systemStopwatch } from '@attune/runtime/world';
import { FollowedPlaces } from './followed-places.ts';
import { watchPartitions } from './partition-gauges.ts';
import { PlaceCommits } from './place-commits.ts';
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
  /** Paces the commits; the machine's where it is not given. */
  readonly stopwatch?: Stopwatch;
  /** So late its place is committed, in ms; 100 where it is not given. Whoever asks the log how far it has come waits for that. */
  readonly commitWithinMs?: number;
  /** A throw counts as a pause of one second. */
  onBatch(batch: LogBatch, control: BatchControl): Promise<BatchVerdict>;
}

const COMMIT_WITHIN_MS = 100;

/** Joins the group and begins; what a verdict says is done is committed soon after. @throws AttuneError LOG_UNAVAILABLE */
export async function followTopic(follower: Follower): Promise<Following> {
  const { log, clock, telemetry, topic, group, onBatch, stopwatch = systemStopwatch, commitWithinMs: withinMs = COMMIT_WITHIN_MS } = follower;
  const joined = Promise.withResolvers<PlaceCommits>();
  let stopping = false;
  const places = new FollowedPlaces((partition) => log.committed(group, topic, partition));
  const handled = async (batch: LogBatch, control: BatchControl): Promise<BatchVerdict> => {
    const turn = (): void => places.turn(batch.partition);
    const heartbeat = (): Promise<void> => {
      turn(); // a long batch is work too
      return control.heartbeat();
    };
    const verdict = await onBatch(batch, { ...control, heartbeat }).finally(turn);
    if (verdict.kind !== 'next') return verdict;
    const commits = await joined.promise;
    commits.reached(batch.generation, batch.partition, verdict.offset);
    places.reached(batch.generation, batch.partition, verdict.offset);
    if (stopping) await commits.flush(); // the member leaves as soon as this returns
    return verdict;
  };
  const consumption = await log.consume({ topic, group, handler: { onBatch: handled } });
  const commits = new PlaceCommits({ consumption, stopwatch, withinMs });
  joined.resolve(commits);
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
  const stop = async (graceMs: number): Promise<void> => {
    for (const end of watches) end();
    stopping = true;
    const startedMs = stopwatch.elapsedMs();
    await Promise.race([commits.flush(), stopwatch.sleep(graceMs)]);
    await consumption.stop(Math.max(0, graceMs - (stopwatch.elapsedMs() - startedMs)));
  };
  return { topic, status, standing, stop };
}
