import type { StateKey } from '@attune/state-store/port';

/** How a state rests between steps. */
export interface Resting<S> {
  /** True for a state that is held as its bytes, and decoded anew for each step. */
  asBytes(state: S): boolean;
  decode(bytes: Uint8Array): S;
}

/** One that is held: as it is, or as its bytes. */
type Held<S> = { readonly state: S; readonly length: number; readonly bytes?: undefined } | { readonly bytes: Uint8Array; readonly length: number };

/** The states of one partition that are held in memory, the longest unwritten go first. Only what the store's watermark vouches for may stay. */
export class StateCache<S> {
  readonly #states = new Map<StateKey, Held<S>>();
  readonly #max: number;
  readonly #bytesMax: number;
  readonly #resting: Resting<S> | undefined;
  #bytes = 0;

  /** Bounded in states and in bytes, as encoded; at least one stays. Without `resting` all are held as they are. */
  constructor(max: number, bytesMax: number = Number.POSITIVE_INFINITY, resting?: Resting<S>) {
    this.#max = max;
    this.#bytesMax = bytesMax;
    this.#resting = resting;
  }

  /** @throws what `decode` throws */
  get(key: StateKey): S | undefined {
    const held = this.#states.get(key);
    return held?.bytes ? this.#resting?.decode(held.bytes) : held?.state;
  }

  /** Keeps the states of a committed step; `encoded` says how large they are. O(1) a state. */
  keep(states: ReadonlyMap<StateKey, S>, encoded?: ReadonlyMap<StateKey, Uint8Array | undefined>): void {
    for (const [key, state] of states) {
      this.#drop(key);
      const bytes = encoded?.get(key);
      const length = bytes?.length ?? 0;
      this.#states.set(key, bytes && this.#resting?.asBytes(state) ? { bytes, length } : { state, length });
      this.#bytes += length;
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
    this.#bytes -= this.#states.get(key)?.length ?? 0;
    this.#states.delete(key);
  }
}
