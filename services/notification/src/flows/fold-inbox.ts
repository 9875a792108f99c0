import { Delivery, Due, InboxRead, Sealed } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { addItem, expireItems, INBOX, markRead } from '../domain/inbox.ts';
import type { DeliveriesState } from './deliveries-state.ts';
import { installInbox } from './move-inbox.ts';
import { typeOf } from './record-type.ts';

/** What a record does to a customer's inbox. `delivered`: it is the outcome by which the ledger took the message as sent; a second one is not. */
export function foldInbox(state: DeliveriesState, record: LogRecord, delivered: boolean): void {
  switch (typeOf(record)) {
    case 'Delivery': {
      const delivery = Delivery.decode(record.value);
      if (delivered && delivery.channel === INBOX) deliver(state, delivery);
      if (state.inbox) expireItems(state.inbox, Number(delivery.atMs));
      return;
    }
    case 'InboxRead': {
      const { ids, atMs } = InboxRead.decode(record.value);
      if (state.inbox) markRead(state.inbox, ids, Number(atMs));
      return;
    }
    case 'InboxMoved':
      installInbox(state, record.value);
      return;
    case 'Due':
      if (state.inbox) expireItems(state.inbox, Number(Due.decode(record.value).dueAtMs));
      return;
    default:
  }
}

/** Somebody who was erased meanwhile has a delivery without content, and no message. */
function deliver(state: DeliveriesState, { id, decisionId, campaign, offer, language, promotional, atMs, content }: Delivery): void {
  if (content === undefined) return;
  state.inbox ??= new Map();
  addItem(state.inbox, {
    id,
    decisionId,
    campaign,
    offer,
    language,
    promotional,
    sentAtMs: Number(atMs),
    readAtMs: 0,
    content: Sealed.encode(content).finish(),
  });
}
