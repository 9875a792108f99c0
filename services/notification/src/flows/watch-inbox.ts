import { unreadOf } from '../domain/inbox.ts';
import { type InboxPorts, readInbox } from './list-inbox.ts';

/** How an inbox stands: no word of what was written. */
export interface InboxStanding {
  readonly unread: number;
  readonly total: number;
  /** Id of the newest message; empty where there is none. */
  readonly newest: string;
}

/** A look at the inbox of a token, to be repeated. @throws AttuneError INBOX_TOKEN_INVALID, STORE_UNAVAILABLE */
export type WatchInbox = (token: string) => () => Promise<InboxStanding>;

/** Looks at inboxes; each look asks anew whether the token still holds. */
export const watchInbox =
  (ports: Pick<InboxPorts, 'inboxOf' | 'ledgers' | 'clock'>): WatchInbox =>
  (token) =>
  async () => {
    const inbox = await readInbox(ports, ports.inboxOf(token));
    return { unread: unreadOf(inbox), total: inbox.size, newest: [...inbox.keys()].at(-1) ?? '' };
  };
