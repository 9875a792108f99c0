import type { Configuration } from '@attune/configuration/configuration';
import type { EventLog } from '@attune/event-log/port';
import type { Telemetry } from '@attune/runtime/telemetry/port';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { Channel, ClickUrl, GetConsent, GetProfile, Jitter, Locale, NewAttempt, Templates, UnsubscribeUrl } from '../ports.ts';
import type { LedgerReader } from './read-ledger.ts';

/** Everything that delivering works with. */
export interface DeliveryPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly telemetry: Telemetry;
  readonly ring: KeyRing;
  readonly ledgers: LedgerReader;
  readonly templates: Templates;
  readonly locale: Locale;
  readonly getProfile: GetProfile;
  readonly getConsent: GetConsent;
  readonly unsubscribeUrl: UnsubscribeUrl;
  readonly clickUrl: ClickUrl;
  readonly newAttempt: NewAttempt;
  readonly jitter: Jitter;
  /** By name; a decision takes the first of its own that is here. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** The one that holds now. */
  configuration(): Configuration;
}
