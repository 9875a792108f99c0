import type { Stopwatch } from '@attune/runtime/world';

/** Work that must not overlap: whoever finds it taken may wait a little for its end. */
export class Turn {
  #ended: PromiseWithResolvers<void> | undefined;

  /** True while a work is under way. */
  get taken(): boolean {
    return this.#ended !== undefined;
  }

  /** Begins a work; only where none is under way. */
  begin(): void {
    this.#ended = Promise.withResolvers();
  }

  /** Ends the work that is under way. */
  end(): void {
    this.#ended?.resolve();
    this.#ended = undefined;
  }

  /** Resolves when the work under way has ended, after `ms` at the latest; then `taken` says which. */
  async ending(stopwatch: Stopwatch, ms: number): Promise<void> {
    if (this.#ended) await Promise.race([this.#ended.promise, stopwatch.sleep(ms)]);
  }
}
