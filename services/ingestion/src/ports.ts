import type { EventLog } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Secrets, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { QuarantineList } from './domain/quarantine.ts';
import type { Identity } from './domain/resolve-identity.ts';

/** Everything that the door and the resolver need of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const STATE_STORE = port<StateStore>('StateStore');
export const CLOCK = port<Clock>('Clock');
export const STOPWATCH = port<Stopwatch>('Stopwatch');
export const SECRETS = port<Secrets>('Secrets');

/** Customer events as applications wrote them, in clear; kept for 48 hours. */
export const EVENTS = 'attune.events.v1';
/** Customer events that the door let in; keyed by a keyed hash of the identifier. */
export const ACCEPTED = 'attune.accepted.v1';
/** The same once it is known who it was; keyed by profile id. */
export const ACTIVITY = 'attune.activity.v1';
/** What the door or a processor did not take. */
export const REJECTED = 'attune.events.rejected.v1';
/** Which of them were sent again and let in; one partition, that every door reads. */
export const REPLAYED = 'attune.events.replayed.v1';

/** What is kept of one identifier, as bytes. */
export interface IdentityCodec {
  encode(identity: Identity): Uint8Array;
  /** @throws Error for bytes of another version */
  decode(bytes: Uint8Array): Identity;
  encodeQuarantine(list: QuarantineList): Uint8Array;
  /** Undefined for bytes of an identity. */
  decodeQuarantine(bytes: Uint8Array): QuarantineList | undefined;
}

/** The headers of a record that carries this message of attune.log.v1. */
export const headersOf = (message: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-protobuf',
  type: `attune.log.v1.${message}`,
});
