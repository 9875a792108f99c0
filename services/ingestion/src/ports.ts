import type { EventLog } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Secrets } from '@attune/runtime/world';

/** Everything that the door needs of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const CLOCK = port<Clock>('Clock');
export const SECRETS = port<Secrets>('Secrets');

/** Customer events that the door let in; keyed by a keyed hash of the identifier. */
export const ACCEPTED = 'attune.accepted.v1';
