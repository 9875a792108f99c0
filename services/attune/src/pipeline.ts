import type { EventLog } from '@attune/event-log/port';
import type { PartitionStatus } from '@attune/processor/processor';
import type { Stopwatch } from '@attune/runtime/world';

/** A processor as the whole sees it. */
export interface Stage {
  readonly topic: string;
  status(): readonly PartitionStatus[];
}

/** How many records wait to be folded, over all stages. @throws AttuneError LOG_UNAVAILABLE */
export async function lagOf(log: EventLog, stages: readonly Stage[], partitions: number): Promise<number> {
  let lag = 0;
  for (const { topic, status } of stages) {
    const reached = new Map(status().map(({ partition, nextOffset }) => [partition, nextOffset]));
    for (let partition = 0; partition < partitions; partition++) {
      lag += (await log.bounds(topic, partition)).endOffset - (reached.get(partition) ?? 0);
    }
  }
  return lag;
}

const LOOK_AGAIN_MS = 5;

/** Resolves once at most `lagMax` records wait. */
export async function settle(lag: () => Promise<number>, stopwatch: Stopwatch, lagMax: number): Promise<void> {
  while ((await lag()) > lagMax) await stopwatch.sleep(LOOK_AGAIN_MS);
}
