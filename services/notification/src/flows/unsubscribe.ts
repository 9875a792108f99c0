import { RecordConsentRequest } from '@attune/contracts/messages/privacy/v1/privacy';
import { codeOf } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { UNSUBSCRIBED } from '../domain/event-names.ts';
import type { LinkSigner, RecordConsent, UnsubscribeLink } from '../ports.ts';

/** What became of a request to unsubscribe: consent is taken back; the link is none of ours; or nobody can say now that it is. */
export type Unsubscribed = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: 'LINK_UNKNOWN' | 'AWAY' };

/** Takes back consent by a link. The same link again changes nothing more. */
export type Unsubscribe = (token: string) => Promise<Unsubscribed>;

/** What unsubscribing needs. */
export interface UnsubscribePorts {
  readonly links: LinkSigner;
  readonly recordConsent: RecordConsent;
  readonly clock: Clock;
}

/**
 * Denies the purpose of the mail that the link stands in, by the same way as every word on consent.
 * Each request is a message of its own: one who allowed it again since, and uses the old link once more, means it.
 */
export const unsubscribe =
  ({ links, recordConsent, clock }: UnsubscribePorts): Unsubscribe =>
  async (token) => {
    const link = links.read(token);
    if (link === undefined) return { kind: 'refused', reason: 'LINK_UNKNOWN' };
    const subject = { id: { $case: 'profileId' as const, value: link.profileId } };
    try {
      // That they did it in a message stands in the log with the word itself.
      const fact = factOf(link, clock.nowMs());
      await recordConsent(link.tenant, RecordConsentRequest.fromPartial({ subject, purposes: { [link.purpose]: false }, fact }));
      return { kind: 'done' };
    } catch (fault) {
      const code = codeOf(fault);
      if (code === 'ERASED') return { kind: 'done' }; // nobody is left who agreed to anything
      // The configuration has no such purpose any more.
      return { kind: 'refused', reason: code === 'REQUEST_INVALID' ? 'LINK_UNKNOWN' : 'AWAY' };
    }
  };

const factOf = ({ deliveryId, purpose }: UnsubscribeLink, nowMs: number) => ({
  name: UNSUBSCRIBED,
  messageId: `${deliveryId}/unsubscribed`,
  atMs: BigInt(nowMs),
  properties: { delivery_id: deliveryId, purpose },
});
