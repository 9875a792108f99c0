import type { Rule } from './rule.ts';

/** So often a message is looked at again that waits for what visitors got, and for so long, in ms. What merges takes an append or two; a ledger that never tells holds nobody up for ever. */
export const JOINING = { againMs: 1_000, atMostMs: 60_000 } as const;

/** What a visitor got counts for the customer that the visitor became: a promotion waits until it is known here. */
export const joined: Rule = ({ decision, contact, ledger, nowMs }) => {
  if (!decision.promotional || nowMs - Number(decision.nowMs) >= JOINING.atMostMs) return undefined;
  const isKnown = (visitor: string): boolean => ledger.joined?.includes(visitor) === true;
  return contact.merged?.every(isKnown) === false ? { kind: 'hold', reason: 'MERGING', untilMs: nowMs + JOINING.againMs } : undefined;
};
