import type { Decision } from '@attune/contracts/messages/log/v1/log';
import type { DeliveryPolicy } from '../delivery-policy.ts';
import type { Ledger } from '../ledger.ts';

/** Where a customer can be reached and what the purpose of the message may use. */
export interface Contact {
  /** By purpose: may data be used for it? A purpose that is not named is refused. */
  readonly consent: Readonly<Record<string, boolean>>;
  readonly email?: string;
  readonly name?: string;
  readonly language?: string;
  /** A zone of the IANA list. */
  readonly timeZone?: string;
  /** The keyed hash of an identifier, under which the profile hears of the message. */
  readonly leaf?: string;
  /** The profiles of visitors that became part of this one. Absent = none. */
  readonly merged?: readonly string[];
}

/** All that an admission may look at. */
export interface Asked {
  readonly decision: Pick<Decision, 'id' | 'purpose' | 'promotional' | 'expiresAtMs' | 'nowMs'>;
  /** The channel that would carry the message. */
  readonly channel: string;
  readonly contact: Contact;
  readonly ledger: Ledger;
  readonly policy: DeliveryPolicy;
  readonly nowMs: number;
  /** Minute of the day, in [0, 1440), on the customer's wall at a time in ms since 1970. */
  localMinuteOf(atMs: number): number;
}

/** Why a message is not sent, ever. */
export type DropReason = 'NO_CONSENT' | 'EXPIRED' | 'STOPPED' | 'NO_ADDRESS' | 'SUPPRESSED' | 'PAUSED' | 'CAPPED';

/** What becomes of a message that may not leave now. */
export type Objection =
  | { readonly kind: 'hold'; readonly reason: 'QUIET_HOURS' | 'MERGING'; readonly untilMs: number }
  | { readonly kind: 'drop'; readonly reason: DropReason };

/** One reason not to send; undefined = no objection. */
export type Rule = (asked: Asked) => Objection | undefined;

/** The objection that ends a message. */
export const drop = (reason: DropReason): Objection => ({ kind: 'drop', reason });
