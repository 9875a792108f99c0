import type { Stopwatch } from '@attune/runtime/world';

/** Sleeps that can be ended early, one at a time. A race against one long-lived promise would leave something behind at each sleep. */
export class Nap {
  readonly #stopwatch: Stopwatch;
  #wake = (): void => undefined;
  #ended = false;

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
  }

  /** Resolves after `ms` milliseconds, or at once when ended. */
  sleep(ms: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      void this.#stopwatch.sleep(ms).then(resolve);
    });
  }

  /** Ends the sleep under way and every later one. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }
}
