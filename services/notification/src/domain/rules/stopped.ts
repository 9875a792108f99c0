import { drop, type Rule } from './rule.ts';

/** The red button of the configuration stops promotions. */
export const stopped: Rule = ({ decision, policy }) => (decision.promotional && policy.stopEverything ? drop('STOPPED') : undefined);
