import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Executor } from './executors.ts';
import type { WriteUnit } from './transactions.ts';

/** How a writer goes about it. */
export interface WriterOptions {
  /** Waits for the end of the turn before each transaction, for others to come along. */
  readonly gathers: boolean;
  /** Units of a transaction that failed are tried again one by one, so that one does not fail for another. */
  readonly triesAlone?: boolean;
  /** Hears of a transaction that failed, before anybody else and before the next one is made. */
  readonly failed?: () => void;
}

/** Writes what is added while a transaction is under way in the next one: one wait for the disk instead of many. */
export class SqliteWriter {
  readonly #executor: Executor;
  readonly #options: WriterOptions;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(executor: Executor, options: WriterOptions) {
    this.#executor = executor;
    this.#options = options;
  }

  /**
   * `make` is called when the unit's transaction is put together, in the order of adding, and after whatever came before it was written.
   * Resolves once written, to whether its guard held. @throws what `make` and SQLite throw, and nothing is written then
   */
  add(make: () => WriteUnit): Promise<boolean> {
    if (this.#closed) return Promise.reject(new Error('the writer is closed'));
    const done = Promise.withResolvers<boolean>();
    this.#waiting.push({ make, done });
    this.#draining ??= this.#drain();
    return done.promise;
  }

  /** Writes what waits, then closes the executor. A second call does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#executor.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#options.gathers) await nextTurn();
      await this.#write(this.#waiting.splice(0));
    }
    this.#draining = undefined;
  }

  async #write(waiting: readonly Waiting[]): Promise<void> {
    try {
      const held = await this.#executor.run(waiting.map(({ make }) => make()));
      for (const [i, { done }] of waiting.entries()) done.resolve(held[i] === true);
    } catch (fault) {
      this.#options.failed?.();
      if (this.#options.triesAlone && waiting.length > 1) for (const one of waiting) await this.#write([one]);
      else for (const { done } of waiting) done.reject(fault);
    }
  }
}

interface Waiting {
  readonly make: () => WriteUnit;
  readonly done: PromiseWithResolvers<boolean>;
}
