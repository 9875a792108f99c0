import { setImmediate as nextTurn } from 'node:timers/promises';
import { AttuneError } from '@attune/kernel/errors';
import type { LocalGroup } from './local-group.ts';
import type { Assignment, BatchControl, BatchVerdict, ConsumeOptions, Consumption, LogBatch } from './port.ts';
import type { SqliteLogFile } from './sqlite-log-file.ts';
import { verdictOf } from './verdict-of.ts';

/** What a member needs beside the options of its caller. */
export interface LocalConsumptionOptions extends ConsumeOptions {
  readonly file: SqliteLogFile;
  readonly members: LocalGroup;
  readonly stopwatch: { sleep(ms: number): Promise<void> };
}

/** Where the member stands in a partition that it owns. A new assignment makes new cursors, so an old one is known by not being listed. */
interface Cursor {
  readonly partition: number;
  offset: number;
  busy: boolean;
  paused: boolean;
  seeked: boolean;
}

const batchLimits = { recordsMax: 500, bytesMax: 1024 * 1024 };

/** One member of a group of the embedded log. Sleeps until it is woken by an append, an assignment, a seek or the end of a pause. */
export class LocalConsumption implements Consumption {
  readonly ended: Promise<void>;
  readonly #options: LocalConsumptionOptions;
  readonly #end = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  readonly #running = new Set<Promise<void>>();
  #cursors = new Map<number, Cursor>();
  #generation = 0;
  #stopping = false;

  constructor(options: LocalConsumptionOptions) {
    this.#options = options;
    this.ended = this.#end.promise;
    this.ended.catch(() => undefined); // whoever does not watch it is not brought down by it
  }

  assignment(): Assignment {
    return { generation: this.#generation, partitions: [...this.#cursors.keys()], member: this.#generation > 0 && !this.#stopping };
  }

  seek(partition: number, offset: number): void {
    const cursor = this.#cursors.get(partition);
    if (cursor === undefined) return;
    cursor.offset = offset;
    cursor.seeked = true;
    this.wake(partition);
  }

  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    const own = new Map([...offsets].filter(([partition]) => this.#cursors.has(partition)));
    if (own.size === 0) return;
    try {
      const { file, group, topic } = this.#options;
      await file.commit({ group, topic, offsets: own });
    } catch (fault) {
      throw new AttuneError('LOG_UNAVAILABLE', '', fault);
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const settled = Promise.all(this.#running);
    if (graceMs > 0 && this.#running.size > 0) await Promise.race([settled, this.#options.stopwatch.sleep(graceMs)]);
    this.#left.resolve();
    this.#options.members.leave(this);
    this.#end.resolve();
  }

  /** Takes over these partitions and no others, each from its committed offset. */
  assign(generation: number, partitions: readonly number[]): void {
    const { file, group, topic } = this.#options;
    this.#generation = generation;
    this.#cursors = new Map(
      partitions.map((partition) => {
        const offset = file.committed(group, topic, partition) ?? 0;
        return [partition, { partition, offset, busy: false, paused: false, seeked: false }];
      }),
    );
    for (const partition of partitions) this.wake(partition);
  }

  /** Delivers what lies in the partition, unless that is under way, paused or another's. */
  wake(partition: number): void {
    const cursor = this.#cursors.get(partition);
    if (cursor === undefined || cursor.busy || !this.#mayDeliver(cursor)) return;
    cursor.busy = true;
    this.#deliver(cursor).catch((fault) => this.#end.reject(new AttuneError('LOG_UNAVAILABLE', '', fault)));
  }

  async #deliver(cursor: Cursor): Promise<void> {
    const { file, members, topic } = this.#options;
    await members.free(cursor.partition);
    for (;;) {
      await nextTurn(); // lets timers and sockets in between two batches
      if (!this.#mayDeliver(cursor)) break;
      const fetchedOffset = cursor.offset;
      const records = file.read({ topic, partition: cursor.partition, offset: fetchedOffset }, batchLimits);
      if (records.length === 0) break;
      await this.#handle(cursor, { topic, partition: cursor.partition, generation: this.#generation, fetchedOffset, records });
    }
    cursor.busy = false;
  }

  async #handle(cursor: Cursor, batch: LogBatch): Promise<void> {
    cursor.seeked = false;
    const control: BatchControl = { heartbeat: async () => undefined, stale: () => this.#stopping || cursor.seeked || !this.#owns(cursor) };
    const work = verdictOf(this.#options.handler, batch, control).then((verdict) => this.#apply(cursor, verdict));
    this.#options.members.hold(cursor.partition, Promise.race([work, this.#left.promise]));
    this.#running.add(work);
    await work.finally(() => this.#running.delete(work));
  }

  #apply(cursor: Cursor, verdict: BatchVerdict): void {
    if (!this.#owns(cursor)) return;
    if (verdict.kind === 'pause') this.#pause(cursor, verdict.ms);
    else if (verdict.kind === 'seek' || !cursor.seeked) cursor.offset = verdict.offset;
  }

  #pause(cursor: Cursor, ms: number): void {
    cursor.paused = true;
    void this.#options.stopwatch.sleep(ms).then(() => {
      cursor.paused = false;
      this.wake(cursor.partition);
    });
  }

  #mayDeliver(cursor: Cursor): boolean {
    return !this.#stopping && !cursor.paused && this.#owns(cursor);
  }

  #owns(cursor: Cursor): boolean {
    return this.#cursors.get(cursor.partition) === cursor;
  }
}
