/** What a message is called in names of events, by its channel: Segment's words where Segment has them. */
const NOUNS: Readonly<Record<string, string>> = { email: 'Email', inbox: 'Inbox Message', push: 'Push Notification', webhook: 'Webhook' };

const nounOf = (channel: string): string => (Object.hasOwn(NOUNS, channel) ? (NOUNS[channel] ?? '') : 'Message');

/** The event of a message that its provider took, or that was put into the inbox, such as `Email Delivered`. */
export const deliveredEvent = (channel: string): string => `${nounOf(channel)} Delivered`;

/** The event of a message that was read, such as `Inbox Message Opened`. */
export const openedEvent = (channel: string): string => `${nounOf(channel)} Opened`;

/** The event of a click that answers a decision, and the field that names the decision. */
export interface ClickEvent {
  readonly name: string;
  readonly field: string;
}

type DeclaredEvents = Readonly<Record<string, { readonly role?: string | undefined; readonly decision?: string | undefined }>>;

/** The event of a followed link of a promotion, through whatever channel: the first declared one whose role is click and that names a decision; else Segment's. */
export function promotionClicked(events: DeclaredEvents): ClickEvent {
  for (const [name, { role, decision }] of Object.entries(events)) if (role === 'click' && decision !== undefined) return { name, field: decision };
  return { name: 'Promotion Clicked', field: 'promotion_id' };
}

/** The event of a followed link of a message that is no promotion, such as `Inbox Message Clicked`. */
export const clickedEvent = (channel: string): string => `${nounOf(channel)} Clicked`;

/** The event of a link to unsubscribe that was used. */
export const UNSUBSCRIBED = 'Unsubscribed';
