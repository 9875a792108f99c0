import type { Standing } from '@attune/processor/standing';

/** A partition that has records to work on, or a stage that has no place in its group. */
export interface Waiting {
  readonly topic: string;
  /** Undefined where the stage has no place in its group. */
  readonly partition: number | undefined;
  /** Since when it has them and no work on it has come to an end, in ms since 1970. */
  readonly sinceMs: number;
}

/** What one look saw of a stage; `ends`: by partition, the offset of the next record. */
export interface StageSeen {
  readonly name: string;
  readonly topic: string;
  readonly standing: Standing;
  readonly ends: ReadonlyMap<number, number>;
}

/** Finds partitions in which nothing moves though records wait. Work that is refused and tried again counts as movement: what it waits for is away, and no restart brings it back. */
export class Progress {
  #waiting = new Map<string, Waiting & { readonly turns: number }>();

  /** Notes a look at which log and store answered. A partition that somebody must mend does not count: a restart does not mend it. */
  note(nowMs: number, stages: readonly StageSeen[]): void {
    const waiting = new Map<string, Waiting & { readonly turns: number }>();
    const wait = (key: string, { topic, partition, turns }: Omit<Waiting, 'sinceMs'> & { readonly turns: number }): void => {
      const before = this.#waiting.get(key);
      waiting.set(key, before?.turns === turns ? before : { topic, partition, turns, sinceMs: nowMs });
    };
    for (const { name, topic, standing, ends } of stages) {
      if (!standing.joined) wait(name, { topic, partition: undefined, turns: 0 });
      for (const { partition, nextOffset = 0, turns, stoppedBy } of standing.partitions) {
        if ((ends.get(partition) ?? 0) > nextOffset && stoppedBy === undefined) wait(`${name}/${partition}`, { topic, partition, turns });
      }
    }
    this.#waiting = waiting;
  }

  /** Forgets what was seen: log or store are away, and nothing can move. */
  reset(): void {
    this.#waiting.clear();
  }

  /** What has stood still for at least so long, in ms. */
  stuck(nowMs: number, forMs: number): readonly Waiting[] {
    return [...this.#waiting.values()]
      .filter(({ sinceMs }) => nowMs - sinceMs >= forMs)
      .map(({ topic, partition, sinceMs }) => ({ topic, partition, sinceMs }));
  }
}
