import type { StateKey } from '@attune/state-store/port';

/** The states of one partition that are held in memory, the longest unused go first. Only what the store's watermark vouches for may stay. */
export class StateCache<S> {
  readonly #states = new Map<StateKey, S>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: StateKey): S | undefined {
    return this.#states.get(key);
  }

  /** Keeps the states of a committed step. O(1) a state. */
  keep(states: ReadonlyMap<StateKey, S>): void {
    for (const [key, state] of states) {
      this.#states.delete(key);
      this.#states.set(key, state);
    }
    for (const key of this.#states.keys()) {
      if (this.#states.size <= this.#max) break;
      this.#states.delete(key);
    }
  }

  /** Called at every mismatch: nothing that was read before it may be believed. */
  forget(): void {
    this.#states.clear();
  }
}
