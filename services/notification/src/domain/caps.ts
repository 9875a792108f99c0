import type { DeliveryPolicy } from './delivery-policy.ts';
import type { Ledger } from './ledger.ts';

/** Would one more promotion break a cap? */
export interface CapQuestion {
  readonly ledger: Ledger;
  readonly channel: string;
  readonly caps: DeliveryPolicy['caps'];
  /** When it would leave, in ms since 1970. */
  readonly atMs: number;
  /** The decision that asks: its own claim does not count. */
  readonly exceptDecision: string;
}

/**
 * True where a cap of the channel is used up. Counted are promotions that were sent, are claimed, or may have been sent, in (atMs − perMs, atMs].
 * Messages of service neither meet caps nor use them up.
 */
export function capReached({ ledger, channel, caps, atMs, exceptDecision }: CapQuestion): boolean {
  return caps.some(({ channels, atMost, perMs }) => {
    if (!channels.includes(channel)) return false;
    let used = 0;
    for (const [decisionId, entry] of ledger.entries) {
      if (!entry.promotional || decisionId === exceptDecision || !channels.includes(entry.channel)) continue;
      if ((entry.state === 'sent' || entry.state === 'claimed' || entry.state === 'unknown') && entry.claimedAtMs > atMs - perMs) used++;
    }
    return used >= atMost;
  });
}
