import { isMailAddress } from '../mail-address.ts';
import { drop, type Rule } from './rule.ts';

/** Mail needs an address that is one beyond doubt. */
export const address: Rule = ({ channel, contact }) =>
  channel === 'email' && (contact.email === undefined || !isMailAddress(contact.email)) ? drop('NO_ADDRESS') : undefined;
