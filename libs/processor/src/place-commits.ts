import type { Consumption } from '@attune/event-log/port';
import type { Stopwatch } from '@attune/runtime/world';
import { Nap } from './nap.ts';

/** What commits of places work with. */
export interface PlaceCommitPorts {
  readonly consumption: Pick<Consumption, 'assignment' | 'commit'>;
  readonly stopwatch: Stopwatch;
  /** So long a place may wait for others that are committed with it, in ms. */
  readonly withinMs: number;
}

interface Done {
  readonly generation: number;
  readonly offset: number;
}

const TRIES = 4;

/**
 * Commits how far a follower has come, beside its work: what is done while a commit waits or is under way goes with the next one. So a record does not wait for
 * the commit of the one before it, and a restart handles again what was done in the last `withinMs`.
 */
export class PlaceCommits {
  readonly #ports: PlaceCommitPorts;
  readonly #nap: Nap;
  #done = new Map<number, Done>();
  #running: Promise<void> | undefined;
  #hurried = false;

  constructor(ports: PlaceCommitPorts) {
    this.#ports = ports;
    this.#nap = new Nap(ports.stopwatch);
  }

  /** Notes that everything of a partition below an offset is done. */
  reached(generation: number, partition: number, offset: number): void {
    this.#done.set(partition, { generation, offset });
    this.#begin();
  }

  /** Commits at once what is noted, and from here on without waiting for others; resolves once nothing is left to commit. Never rejects. */
  async flush(): Promise<void> {
    this.#hurried = true;
    this.#nap.end();
    while (this.#running) await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#done.size > 0) this.#begin(); // noted when the run had looked for the last time
    });
  }

  async #run(): Promise<void> {
    while (this.#done.size > 0) {
      if (!this.#hurried && this.#ports.withinMs > 0) await this.#nap.sleep(this.#ports.withinMs);
      const done = this.#done;
      this.#done = new Map();
      await this.#commit(done);
    }
  }

  /** Tried again at once, for the next batch may be days away: one that fails for longer is made good by the next. Of a partition that was dealt anew nothing is committed, others may be further. */
  async #commit(done: ReadonlyMap<number, Done>): Promise<void> {
    const { consumption } = this.#ports;
    for (let tries = 0; tries < TRIES; tries++) {
      const { generation } = consumption.assignment();
      const offsets = new Map([...done].flatMap(([partition, at]) => (at.generation === generation ? [[partition, at.offset] as const] : [])));
      if (offsets.size === 0) return;
      const committed = await consumption.commit(offsets).then(
        () => true,
        () => false,
      );
      if (committed) return;
    }
  }
}
