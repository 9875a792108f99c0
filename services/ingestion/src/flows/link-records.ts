import { AcceptedEvent, type Erasure, type Link, type LinkLost } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission } from '@attune/processor/definition';
import { ACCEPTED, headersOf } from '../ports.ts';
import { rejectedOf } from './resolver-records.ts';

/** Tells the owner of an anonymous identifier, by its `hash`, whose it is. */
export function linkEmission({ tenant, partition, offset }: LogRecord, hash: string, link: Link): Emission {
  const value = AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'link', value: link } })).finish();
  const id = `${link.profileId}/${partition}/${offset}/link/${hash}`;
  return { id, tenant, topic: ACCEPTED, key: hash, value, headers: headersOf('AcceptedEvent') };
}

/** Tells the owner of a customer's identifier, by its `hash`, that a device leads to another one from here on. */
export function lostEmission({ tenant, partition, offset }: LogRecord, hash: string, lost: LinkLost): Emission {
  const value = AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'linkLost', value: lost } })).finish();
  const id = `${lost.leaf}/${partition}/${offset}/link-lost`;
  return { id, tenant, topic: ACCEPTED, key: hash, value, headers: headersOf('AcceptedEvent') };
}

/** Tells the owner of an identifier, by its `hash`, that the person whose it is was erased. */
export function erasureEmission({ tenant, partition, offset }: LogRecord, hash: string, erasure: Erasure): Emission {
  const value = AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'erasure', value: erasure } })).finish();
  const id = `${erasure.profileId}/${partition}/${offset}/erasure/${hash}`;
  return { id, tenant, topic: ACCEPTED, key: hash, value, headers: headersOf('AcceptedEvent') };
}

/** Tells why two identifiers of a record were not joined. */
export function refusedLink(record: LogRecord, refused: RefusedLink): Emission {
  const { topic, partition, offset } = record;
  const { hash, code, receivedAtMs } = refused;
  return rejectedOf(record, { id: `${topic}/${partition}/${offset}/link/${hash}`, code, field: 'anonymousId', receivedAtMs: Number(receivedAtMs) });
}

interface RefusedLink {
  readonly hash: string;
  readonly code: 'LINKS_TOO_MANY' | 'IDENTIFIER_SHARED';
  readonly receivedAtMs: bigint;
}
