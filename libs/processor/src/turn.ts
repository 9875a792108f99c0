import type { Stopwatch } from '@attune/runtime/world';

/** A look at a partition takes a call or two; a batch that is put off instead comes back on Kafka 100 ms later or more. */
const SOON_MS = 20;

/** Work that must not overlap: whoever finds it taken may wait a little for its end. */
export class Turn {
  #ended: PromiseWithResolvers<void> | undefined;
  #turns = 0;

  /** How many works, or parts of a long one, have come to an end. */
  get turns(): number {
    return this.#turns;
  }

  /** Notes that a part of a long work is done. */
  step(): void {
    this.#turns++;
  }

  /** True while a work is under way. */
  get taken(): boolean {
    return this.#ended !== undefined;
  }

  /** Begins a work; only where none is under way. */
  begin(): void {
    this.#ended = Promise.withResolvers();
  }

  /** Begins a work once the one under way has ended; false where that takes longer than 20 ms. */
  async beginSoon(stopwatch: Stopwatch): Promise<boolean> {
    if (this.#ended) await Promise.race([this.#ended.promise, stopwatch.sleep(SOON_MS)]);
    if (this.#ended) return false;
    this.begin();
    return true;
  }

  /** Does the work that has begun, and ends it; where it throws, answers what `refused` makes of the fault. */
  async finish<T>(work: () => Promise<T>, refused: (fault: unknown) => T): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      return refused(fault);
    } finally {
      this.end();
    }
  }

  /** Ends the work that is under way. */
  end(): void {
    this.#turns++;
    this.#ended?.resolve();
    this.#ended = undefined;
  }
}
