import { drop, type Rule } from './rule.ts';

/** A channel whose provider refused the address for good is not used again. */
export const suppressed: Rule = ({ channel, ledger }) => (ledger.suppressed.has(channel) ? drop('SUPPRESSED') : undefined);
