import type { Endpoints } from './endpoints.ts';

/** The servers of a test run. */
export interface Servers extends Endpoints {
  /** Ends what was started; leaves alone what was given. */
  stop(): Promise<void>;
}
