import type { EventLog } from '@attune/event-log/port';
import type { PartitionStatus } from '@attune/processor/processor';
import type { Stopwatch } from '@attune/runtime/world';

/** A processor or consumer as the whole sees it. */
export interface Stage {
  readonly topic: string;
  /** Absent = as many as all topics of the process. */
  readonly partitions?: number;
  status(): readonly PartitionStatus[];
  /** Looks at once at what is due; answers how many records that appended. */
  look?(): Promise<number>;
}

/** The stages of one process, those that feed others first. */
export class Pipeline {
  readonly #log: EventLog;
  readonly #stages: readonly Stage[];
  readonly #partitions: number;

  constructor(log: EventLog, stages: readonly Stage[], partitions: number) {
    this.#log = log;
    this.#stages = stages;
    this.#partitions = partitions;
  }

  /** How many records wait to be folded or published, over all stages. @throws AttuneError LOG_UNAVAILABLE */
  async lag(): Promise<number> {
    return (await this.#seen()).lag;
  }

  /** What waits, and how many records the looked at partitions had, each at its own moment. */
  async #seen(): Promise<{ readonly lag: number; readonly records: number }> {
    let [lag, records] = [0, 0];
    for (const stage of this.#stages) {
      const own = new Map(stage.status().map((status) => [status.partition, status]));
      for (let partition = 0; partition < (stage.partitions ?? this.#partitions); partition++) {
        const { nextOffset = 0, publishedUpTo = nextOffset } = own.get(partition) ?? {};
        const { endOffset } = await this.#log.bounds(stage.topic, partition);
        lag += endOffset - Math.min(nextOffset, publishedUpTo);
        records += endOffset;
      }
    }
    return { lag, records };
  }

  /** Resolves once nothing waits and nothing is due at the clock's time, which must stand still meanwhile. @throws AttuneError LOG_UNAVAILABLE */
  async settle(stopwatch: Stopwatch): Promise<void> {
    for (let woken = 1; woken > 0; ) {
      woken = 0;
      for (const stage of this.#stages) woken += (await stage.look?.()) ?? 0;
      // A stage may feed one that was looked at before it, itself too: only two looks between which nothing was appended say that all is quiet.
      for (let [before, isQuiet] = [-1, false]; !isQuiet; ) {
        const { lag, records } = await this.#seen();
        isQuiet = lag === 0 && records === before;
        before = lag === 0 ? records : -1;
        if (!isQuiet) await stopwatch.sleep(LOOK_AGAIN_MS);
      }
    }
  }

  /** Why a part of it goes on no more, by topic and partition; empty while all is well. */
  stopped(): readonly { readonly topic: string; readonly partition: number; readonly code: string }[] {
    return this.#stages.flatMap(({ topic, status }) =>
      status().flatMap(({ partition, stoppedBy }) => (stoppedBy === undefined ? [] : [{ topic, partition, code: stoppedBy }])),
    );
  }
}

const LOOK_AGAIN_MS = 1;
