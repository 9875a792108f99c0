import type { Stopwatch } from '@attune/runtime/world';
import type { StateKey } from '@attune/state-store/port';

/** Tells those who wait in this process that states were committed by it. Of what another process commits it hears nothing, so whoever waits looks again by itself too. */
export class CommitBell {
  readonly #ears = new Set<Ear>();

  /** Says that these states were committed. */
  ring(keys: Iterable<StateKey>): void {
    if (this.#ears.size === 0) return;
    const changed = new Set(keys);
    for (const ear of this.#ears) ear.ring(changed);
  }

  /** Hears of every commit from now on, until it is told which states matter. Must be closed. */
  listen(): Ear {
    const ear = new Ear((closed) => this.#ears.delete(closed));
    this.#ears.add(ear);
    return ear;
  }
}

/** One who waits. */
export class Ear {
  readonly #close: (ear: Ear) => void;
  #keys: ReadonlySet<StateKey> | undefined;
  #rung = false;
  #wake: () => void = () => {};

  constructor(close: (ear: Ear) => void) {
    this.#close = close;
  }

  /** Hears of commits of these states only. */
  only(keys: Iterable<StateKey>): void {
    this.#keys = new Set(keys);
  }

  /** Resolves once something was committed since the last time that this resolved, or after `withinMs`. */
  async heard(stopwatch: Stopwatch, withinMs: number): Promise<void> {
    if (!this.#rung) await Promise.race([this.#next(), stopwatch.sleep(withinMs)]);
    this.#rung = false;
  }

  /** Hears nothing any more. */
  close(): void {
    this.#close(this);
  }

  /** Says what was committed: for the bell. */
  ring(changed: ReadonlySet<StateKey>): void {
    if (this.#keys && ![...this.#keys].some((key) => changed.has(key))) return;
    this.#rung = true;
    this.#wake();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
