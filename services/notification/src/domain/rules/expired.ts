import { drop, type Rule } from './rule.ts';

/** A message is worth nothing after its time; 0 = it has no end. */
export const expired: Rule = ({ decision, nowMs }) => (decision.expiresAtMs > 0n && BigInt(nowMs) >= decision.expiresAtMs ? drop('EXPIRED') : undefined);
