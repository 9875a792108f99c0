import { capReached } from '../caps.ts';
import { drop, type Rule } from './rule.ts';

/** Only so many promotions within any stretch of time. */
export const capped: Rule = ({ decision, channel, ledger, policy, nowMs }) =>
  decision.promotional && capReached({ ledger, channel, caps: policy.caps, atMs: nowMs, exceptDecision: decision.id }) ? drop('CAPPED') : undefined;
