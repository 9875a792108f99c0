import type { Contact } from '../domain/rules/rule.ts';
import type { ClaimOf } from './claim-send.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { readConsent } from './read-contact.ts';

/** So long an answer holds from the moment that it was asked for, in ms: about what a call takes. */
const HOLDS_MS = 20;

/** A look at consent that may begin before it is needed. */
export interface ConsentLook {
  /** Asks ahead. */
  readonly begin: () => void;
  /** What the customer allows, by purpose; asked anew where nothing was asked yet, or more than 20 ms ago. @throws AttuneError STORE_UNAVAILABLE */
  readonly answer: () => Promise<Contact['consent']>;
}

/** Looks at what the person of a decision allows. */
export function lookAtConsent({ getConsent, stopwatch }: DeliveryPorts, { tenant, decision: { profileId } }: ClaimOf): ConsentLook {
  let ahead: { readonly atMs: number; readonly answer: Promise<Contact['consent']> } | undefined;
  const ask = () => readConsent(getConsent, { tenant, profileId });
  return {
    begin: () => {
      ahead = { atMs: stopwatch.elapsedMs(), answer: ask() };
      ahead.answer.catch(() => {}); // whoever needs the answer hears of the fault
    },
    answer: () => (ahead && stopwatch.elapsedMs() - ahead.atMs <= HOLDS_MS ? ahead.answer : ask()),
  };
}
