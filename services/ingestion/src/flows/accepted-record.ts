import { AcceptedEvent, CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { NewRecord, TenantId } from '@attune/event-log/port';
import type { IdentifierHash } from '@attune/sealing/identifier-hash';
import type { KeyRing } from '@attune/sealing/key-ring';
import { dayKey } from '@attune/sealing/port';
import type { AdmittedEvent, CallType } from '../domain/admit-event.ts';
import { headersOf } from '../ports.ts';

/** What a record of attune.accepted.v1 is made with; the ring holds the key of the day. */
export interface RecordMakers {
  readonly ring: KeyRing;
  readonly identifierHash: IdentifierHash;
}

const TYPE_NUMBERS: Readonly<Record<CallType, EventType>> = {
  track: EventType.EVENT_TYPE_TRACK,
  identify: EventType.EVENT_TYPE_IDENTIFY,
  page: EventType.EVENT_TYPE_PAGE,
  screen: EventType.EVENT_TYPE_SCREEN,
  group: EventType.EVENT_TYPE_GROUP,
  alias: EventType.EVENT_TYPE_ALIAS,
};

/** The record of an admitted event: open fields in clear, the identifier and all others sealed under the key of the day. @throws AttuneError KEY_UNAVAILABLE, ERASED */
export function acceptedRecord({ ring, identifierHash }: RecordMakers, tenant: TenantId, event: AdmittedEvent): NewRecord {
  const { identifier } = event;
  const subject = identifierHash(tenant, identifier.kind, identifier.value);
  const value = eventMessage(ring, { tenant, subject }, event, { identifier: identifier.value });
  const also = event.alsoKnownBy.map((anonymousId) => identifierHash(tenant, 'anonymous', anonymousId));
  const accepted = AcceptedEvent.fromPartial({ identifierKind: identifier.kind, alsoKnownBy: also, record: { $case: 'event', value } });
  return { key: subject, value: AcceptedEvent.encode(accepted).finish(), headers: headersOf('AcceptedEvent') };
}

/** A fact of Attune's own: of its customer only the leaf is known. */
export interface LeafFact {
  readonly event: AdmittedEvent;
  readonly leaf: string;
  /** The profile that the leaf is one of. Empty = not known. */
  readonly profileId: string;
  /** Ids of the decisions that led to it. */
  readonly causes: readonly string[];
  /** How often Attune's own facts led to it, this one among them. */
  readonly hops: number;
}

/** The record of a fact: as that of an event, without an identifier. @throws AttuneError KEY_UNAVAILABLE, ERASED */
export function factRecord(ring: KeyRing, tenant: TenantId, { event, leaf, profileId, causes, hops }: LeafFact): NewRecord {
  const value = { ...eventMessage(ring, { tenant, subject: leaf }, event, {}), causes: [...causes], hops, profileId };
  return {
    key: leaf,
    value: AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'event', value } })).finish(),
    headers: headersOf('AcceptedEvent'),
  };
}

function eventMessage(ring: KeyRing, whose: { readonly tenant: TenantId; readonly subject: string }, event: AdmittedEvent, known: object): CustomerEvent {
  const { messageId, personal } = event;
  const hidden = { ...known, ...(Object.keys(personal).length > 0 ? { fields: personal } : {}) };
  const sealed = ring.seal(dayKey(event.receivedAtMs), { ...whose, id: messageId }, Buffer.from(JSON.stringify(hidden)));
  return CustomerEvent.fromPartial({
    messageId,
    type: TYPE_NUMBERS[event.type],
    name: event.name,
    timestampMs: BigInt(event.timestampMs),
    receivedAtMs: BigInt(event.receivedAtMs),
    openJson: JSON.stringify(event.open),
    sealed,
    source: event.source,
  });
}
