/** The name of the channel whose messages stay with Attune. */
export const INBOX = 'inbox';

/** One message in a customer's inbox. */
export interface InboxItem {
  /** The delivery. */
  readonly id: string;
  readonly decisionId: string;
  readonly campaign: string;
  readonly offer: string;
  readonly language: string;
  readonly promotional: boolean;
  /** In ms since 1970. */
  readonly sentAtMs: number;
  /** In ms since 1970; 0 = not read yet. */
  readonly readAtMs: number;
  /** What it says, sealed: an encoded attune.log.v1.Sealed. */
  readonly content: Uint8Array;
  /** The profile under whose key it is sealed, where that is another than the inbox's: a visitor who became this customer. */
  readonly sealedFor?: string;
}

/** A customer's messages by id, oldest first. Edited in place. */
export type Inbox = Map<string, InboxItem>;

/** The most that one inbox holds; the oldest go first. */
export const INBOX_ITEMS_MAX = 50;
export const INBOX_BYTES_MAX = 64 * 1024;
/** The longest message in bytes, sealed. */
export const INBOX_ITEM_BYTES_MAX = 8 * 1024;
/** A message stays for 90 days. */
export const INBOX_KEEP_MS = 90 * 86_400_000;

/** Puts a message in. One that is there stays as it is; one that is too long never gets in. */
export function addItem(inbox: Inbox, item: InboxItem): void {
  if (inbox.has(item.id) || item.content.length > INBOX_ITEM_BYTES_MAX) return;
  inbox.set(item.id, item);
  trim(inbox);
}

/** Puts in what lay in the inbox of a visitor, each message at its place in time. Of one that is there already only the reading is learned. */
export function installItems(inbox: Inbox, items: readonly InboxItem[]): void {
  for (const item of items) {
    const known = inbox.get(item.id);
    if (known === undefined) inbox.set(item.id, item);
    else if (known.readAtMs === 0) inbox.set(item.id, { ...known, readAtMs: item.readAtMs });
  }
  const sorted = [...inbox.values()].toSorted((a, b) => a.sentAtMs - b.sentAtMs || (a.id < b.id ? -1 : 1));
  inbox.clear();
  for (const item of sorted) inbox.set(item.id, item);
  trim(inbox);
}

function trim(inbox: Inbox): void {
  let bytes = 0;
  for (const { content } of inbox.values()) bytes += content.length;
  for (const [id, { content }] of inbox) {
    if (inbox.size <= INBOX_ITEMS_MAX && bytes <= INBOX_BYTES_MAX) return;
    inbox.delete(id);
    bytes -= content.length;
  }
}

/** Marks messages as read. The first time that one was read holds; what is not there changes nothing. */
export function markRead(inbox: Inbox, ids: readonly string[], atMs: number): void {
  for (const id of ids) {
    const item = inbox.get(id);
    if (item?.readAtMs === 0) inbox.set(id, { ...item, readAtMs: atMs });
  }
}

/** Lets go of messages whose time is over. */
export function expireItems(inbox: Inbox, nowMs: number): void {
  for (const [id, { sentAtMs }] of inbox) if (sentAtMs + INBOX_KEEP_MS <= nowMs) inbox.delete(id);
}

/** When the next message has to go, in ms since 1970; undefined for an empty inbox. */
export function nextExpiryMs(inbox: Inbox): number | undefined {
  let next: number | undefined;
  for (const { sentAtMs } of inbox.values()) if (next === undefined || sentAtMs + INBOX_KEEP_MS < next) next = sentAtMs + INBOX_KEEP_MS;
  return next;
}

/** How many are not read yet. */
export function unreadOf(inbox: Inbox): number {
  let unread = 0;
  for (const { readAtMs } of inbox.values()) if (readAtMs === 0) unread++;
  return unread;
}
