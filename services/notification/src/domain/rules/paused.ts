import { drop, type Rule } from './rule.ts';

/** No promotions while a complaint is open or something went wrong. */
export const paused: Rule = ({ decision, ledger, nowMs }) => (decision.promotional && nowMs < ledger.pausedUntilMs ? drop('PAUSED') : undefined);
