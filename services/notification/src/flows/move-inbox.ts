import { InboxMoved, InboxRead, MovedInboxItem, Sealed } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission } from '@attune/processor/definition';
import { type InboxItem, installItems } from '../domain/inbox.ts';
import { isFirst } from '../domain/move-ledger.ts';
import { DELIVERIES_TOPIC, type DeliveriesState } from './deliveries-state.ts';
import { headersOf, type MessageType, typeOf } from './record-type.ts';

/**
 * Once the visitor of a state became known: what lies in the inbox goes to the customer's, and what is said of it follows; nothing stays here.
 * Messages stay sealed under the visitor's key: whoever erases the customer destroys that one too.
 */
export function inboxEmissions(state: DeliveriesState, record: LogRecord): readonly Emission[] {
  const to = state.ledger?.mergedInto;
  if (to === undefined) return [];
  const { key: from, partition, offset } = record;
  const place = `${from}/${partition}/${offset}`;
  if (typeOf(record) === 'InboxRead') {
    const read = InboxRead.decode(record.value);
    const value = InboxRead.encode({ ...read, profileId: to, fromProfileId: read.fromProfileId === '' ? from : read.fromProfileId }).finish();
    return [emission(record, { id: `${place}/read`, to, type: 'InboxRead', value })];
  }
  if (state.inbox === undefined || state.inbox.size === 0) return [];
  const items = [...state.inbox.values()].map((item) => movedItem(item, from));
  delete state.inbox;
  const id = `${place}/inbox`;
  const value = InboxMoved.encode(InboxMoved.fromPartial({ id, fromProfileId: from, toProfileId: to, items })).finish();
  return [emission(record, { id, to, type: 'InboxMoved', value })];
}

/** Installs what moved, each id once. */
export function installInbox(state: DeliveriesState, value: Uint8Array): void {
  const { id, items } = InboxMoved.decode(value);
  if (state.ledger === undefined || !isFirst(state.ledger, id)) return;
  state.inbox ??= new Map();
  installItems(state.inbox, items.flatMap(itemOf));
}

interface Moving {
  readonly id: string;
  readonly to: string;
  readonly type: MessageType;
  readonly value: Uint8Array;
}

const emission = ({ tenant }: LogRecord, { id, to, type, value }: Moving): Emission => ({
  id,
  tenant,
  topic: DELIVERIES_TOPIC,
  key: to,
  value,
  headers: headersOf(type),
});

function movedItem({ content, sentAtMs, readAtMs, sealedFor, ...item }: InboxItem, profileId: string): MovedInboxItem {
  const times = { sentAtMs: BigInt(sentAtMs), readAtMs: BigInt(readAtMs) };
  return MovedInboxItem.fromPartial({ ...item, ...times, content: Sealed.decode(content), sealedFor: sealedFor ?? profileId });
}

function itemOf({ content, sentAtMs, readAtMs, ...item }: MovedInboxItem): readonly InboxItem[] {
  return content === undefined ? [] : [{ ...item, sentAtMs: Number(sentAtMs), readAtMs: Number(readAtMs), content: Sealed.encode(content).finish() }];
}
