import { INBOX, INBOX_ITEM_BYTES_MAX } from '../../domain/inbox.ts';
import type { Channel } from '../../ports.ts';

/** So much of a sealed message is not its text, in bytes. */
const ENVELOPE_BYTES = 512;

/** The inbox that Attune keeps itself: the note of the outcome is the delivery, so nothing is handed to anybody here. */
export const inboxChannel = (): Channel => ({
  name: INBOX,
  repeatable: true,
  send: async ({ subject, text }) => {
    const bytes = Buffer.byteLength(JSON.stringify({ subject, text }));
    return bytes > INBOX_ITEM_BYTES_MAX - ENVELOPE_BYTES ? { kind: 'refused', reason: 'MESSAGE_REFUSED' } : { kind: 'sent' };
  },
  close: async () => undefined,
});
