import { drop, type Rule } from './rule.ts';

/** The purpose of the message must be allowed; one that nobody vouches for is not. */
export const consent: Rule = ({ decision, contact }) =>
  Object.hasOwn(contact.consent, decision.purpose) && contact.consent[decision.purpose] === true ? undefined : drop('NO_CONSENT');
