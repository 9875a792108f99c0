/** The parts of the world that code may not reach for by itself: time, chance and secrets. Virtual in the simulation and the demo. */

/** Business time: windows, caps, quiet hours, expiry, `receivedAtMs`. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
}

/** Machine time: retention, caches, timeouts, retry delays. Never used for anything that a customer sees. */
export interface Stopwatch {
  /** Milliseconds since an arbitrary start; never goes back. */
  elapsedMs(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
}

export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

export interface Secrets {
  /** The bytes of the secret of that name. @throws AttuneError KEY_UNAVAILABLE where there is none. */
  get(name: string): Promise<Uint8Array>;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemStopwatch: Stopwatch = {
  elapsedMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export const systemRandom: Random = { next: () => Math.random() };
