import { Sealed } from '@attune/contracts/messages/log/v1/log';
import { type InboxMessage, type ListInboxRequest, ListInboxResponse } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { expireItems, type Inbox, type InboxItem, unreadOf } from '../domain/inbox.ts';
import type { InboxGrant, IsErased } from '../ports.ts';
import type { InboxOf } from './inbox-access.ts';
import type { LedgerReader } from './read-ledger.ts';

/** Lists messages by a token. */
export type ListInbox = (request: ListInboxRequest) => Promise<ListInboxResponse>;

/** What reading inboxes needs. */
export interface InboxPorts {
  readonly inboxOf: InboxOf;
  readonly ledgers: LedgerReader;
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly isErased: IsErased;
}

const PAGE = 20;
const PAGE_MAX = 50;

/** The customer's messages, newest first. @throws AttuneError INBOX_TOKEN_INVALID, REQUEST_INVALID for a page token of elsewhere, ERASED, STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export const listInbox =
  (ports: InboxPorts): ListInbox =>
  async ({ token, pageSize, pageToken }) => {
    const grant = ports.inboxOf(token);
    const inbox = await readOwnInbox(ports, grant);
    const newest = [...inbox.values()].toReversed();
    const from = placeAfter(newest, pageToken);
    const shown = newest.slice(from, from + Math.min(pageSize <= 0 ? PAGE : pageSize, PAGE_MAX));
    const keys = new Set(shown.map(({ sealedFor = grant.profileId }) => subjectKey(sealedFor)));
    if (keys.size > 0) await ports.ring.load(grant.tenant, keys);
    const more = from + shown.length < newest.length;
    return ListInboxResponse.fromPartial({
      messages: shown.map((item) => opened(ports.ring, grant, item)),
      nextPageToken: more ? (shown.at(-1)?.id ?? '') : '',
      unread: unreadOf(inbox),
      total: inbox.size,
    });
  };

/** The inbox of somebody who is not erased: the profile knows it first, before the ledger hears of it. @throws AttuneError ERASED, STORE_UNAVAILABLE, SERVICE_UNAVAILABLE */
export async function readOwnInbox(ports: Pick<InboxPorts, 'ledgers' | 'clock' | 'isErased'>, grant: InboxGrant): Promise<Inbox> {
  if (await ports.isErased(grant.tenant, grant.profileId)) throw new AttuneError('ERASED');
  return readInbox(ports, grant);
}

/** The inbox as it stands now, without what has expired. @throws AttuneError ERASED once the ledger knows it, STORE_UNAVAILABLE */
export async function readInbox({ ledgers, clock }: Pick<InboxPorts, 'ledgers' | 'clock'>, { tenant, profileId }: InboxGrant): Promise<Inbox> {
  const inbox = await ledgers.readInbox(tenant, profileId);
  expireItems(inbox, clock.nowMs());
  return inbox;
}

/** A page begins behind the message that the page before ended with; it may have gone meanwhile, and with it all that is older. */
function placeAfter(newest: readonly InboxItem[], pageToken: string): number {
  if (pageToken === '') return 0;
  if (!/^m_[\w-]{22}$/.test(pageToken)) throw new AttuneError('REQUEST_INVALID', 'Field: page_token. It is none of an answer before.');
  const place = newest.findIndex(({ id }) => id === pageToken);
  return place === -1 ? newest.length : place + 1;
}

function opened(ring: KeyRing, { tenant, profileId }: InboxGrant, item: InboxItem): InboxMessage {
  const plain = ring.open(Sealed.decode(item.content), { tenant, subject: item.sealedFor ?? profileId, id: item.id });
  const { subject, text } = JSON.parse(Buffer.from(plain).toString('utf8')) as { readonly subject: string; readonly text: string };
  const { id, decisionId, campaign, offer, language, promotional, sentAtMs, readAtMs } = item;
  return { id, decisionId, campaign, offer, language, promotional, sentAtMs: BigInt(sentAtMs), readAtMs: BigInt(readAtMs), subject, text };
}
