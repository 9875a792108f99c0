import type { StateKey } from '@attune/state-store/port';

/** The states of one partition that are held in memory, the longest unwritten go first. Only what the store's watermark vouches for may stay. */
export class StateCache<S> {
  readonly #states = new Map<StateKey, { readonly state: S; readonly bytes: number }>();
  readonly #max: number;
  readonly #bytesMax: number;
  #bytes = 0;

  /** Bounded in states and in bytes, as encoded; at least one stays. */
  constructor(max: number, bytesMax: number = Number.POSITIVE_INFINITY) {
    this.#max = max;
    this.#bytesMax = bytesMax;
  }

  get(key: StateKey): S | undefined {
    return this.#states.get(key)?.state;
  }

  /** Keeps the states of a committed step; `encoded` says how large they are. O(1) a state. */
  keep(states: ReadonlyMap<StateKey, S>, encoded?: ReadonlyMap<StateKey, Uint8Array | undefined>): void {
    for (const [key, state] of states) {
      this.#drop(key);
      const bytes = encoded?.get(key)?.length ?? 0;
      this.#states.set(key, { state, bytes });
      this.#bytes += bytes;
    }
    for (const key of this.#states.keys()) {
      if (this.#states.size <= this.#max && (this.#bytes <= this.#bytesMax || this.#states.size === 1)) break;
      this.#drop(key);
    }
  }

  /** Called at every mismatch: nothing that was read before it may be believed. */
  forget(): void {
    this.#states.clear();
    this.#bytes = 0;
  }

  #drop(key: StateKey): void {
    this.#bytes -= this.#states.get(key)?.bytes ?? 0;
    this.#states.delete(key);
  }
}
