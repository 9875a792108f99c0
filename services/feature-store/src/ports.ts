import type { EventLog } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { Profile } from './domain/fold-profile.ts';

/** Everything that the live profile needs of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const STATE_STORE = port<StateStore>('StateStore');
export const CLOCK = port<Clock>('Clock');
export const STOPWATCH = port<Stopwatch>('Stopwatch');

/** A profile in bytes and back: equal profiles have equal bytes. */
export interface ProfileCodec {
  encode(profile: Profile): Uint8Array;
  /** @throws Error for bytes of another version: a changed shape means a replay, never a guess. */
  decode(bytes: Uint8Array): Profile;
}

/** Keyed hash of an identifier within a tenant: what the records of one customer have in common. */
export type IdentifierHash = (tenant: string, kind: string, value: string) => string;
