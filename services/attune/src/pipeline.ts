import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog } from '@attune/event-log/port';
import type { PartitionStatus } from '@attune/processor/processor';
import type { Standing } from '@attune/processor/standing';
import type { Stopwatch } from '@attune/runtime/world';

/** A processor or consumer as the whole sees it. */
export interface Stage {
  readonly topic: string;
  status(): readonly PartitionStatus[];
  standing(): Standing;
  /** Looks at once at what is due; answers how many records that appended. */
  look?(): Promise<number>;
}

/** The stages of one process, those that feed others first. */
export class Pipeline {
  readonly #log: EventLog;
  readonly #stages: readonly Stage[];

  constructor(log: EventLog, stages: readonly Stage[]) {
    this.#log = log;
    this.#stages = stages;
  }

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** How many records of the partitions that this process owns wait to be folded or published, over all stages. @throws AttuneError LOG_UNAVAILABLE */
  async lag(): Promise<number> {
    return (await this.#seen()).lag;
  }

  /** What waits, and how many records the looked at partitions had, each at its own moment. */
  async #seen(): Promise<{ readonly lag: number; readonly records: number }> {
    let [lag, records] = [0, 0];
    for (const { topic, standing } of this.#stages)
      for (const { partition, nextOffset, publishedUpTo } of standing().partitions) {
        const { startOffset, endOffset } = await this.#log.bounds(topic, partition);
        const folded = nextOffset ?? startOffset;
        lag += endOffset - Math.min(folded, publishedUpTo ?? folded);
        records += endOffset;
      }
    return { lag, records };
  }

  /** Whether each stage has its place in its group and has taken over what it owns there. */
  get settledIn(): boolean {
    return this.#stages.map(({ standing }) => standing()).every(({ joined, partitions }) => joined && partitions.every(({ adopted }) => adopted));
  }

  /** Resolves once nothing waits and nothing is due at the clock's time, which must stand still meanwhile. @throws AttuneError LOG_UNAVAILABLE */
  async settle(stopwatch: Stopwatch): Promise<void> {
    for (let woken = 1; woken > 0; ) {
      // All at once: what they note in the log is one write then.
      const looks = await Promise.all(this.#stages.map(async ({ look }) => (await look?.()) ?? 0));
      woken = looks.reduce((sum, appended) => sum + appended, 0);
      // A stage may feed one that was looked at before it, itself too: only two looks between which nothing was appended say that all is quiet.
      for (let [before, isQuiet] = [-1, false]; !isQuiet; ) {
        const { lag, records } = this.settledIn ? await this.#seen() : { lag: 1, records: 0 };
        isQuiet = lag === 0 && records === before;
        before = lag === 0 ? records : -1;
        if (lag === 0) await nextTurn();
        else await stopwatch.sleep(LOOK_AGAIN_MS);
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
