import type { NewRecord, TenantId } from '@attune/event-log/port';
import type { OutboxEntry } from '@attune/state-store/port';
import type { Emission } from './definition.ts';

/** An outbox entry as the log takes it. */
export interface Outgoing {
  /** That of the outbox entry. */
  readonly entryId: string;
  readonly tenant: TenantId;
  readonly topic: string;
  /** With the emission's own id among its headers. */
  readonly record: NewRecord;
}

/** An outbox id that sorts in the order of publishing: the offset of the cause, then the place among its emissions. */
export const outboxId = (causeOffset: number, index: number): string => `${String(causeOffset).padStart(16, '0')}-${String(index).padStart(6, '0')}`;

/** The offset of the record that caused an outbox entry. */
export const causeOffsetOf = (id: string): number => Number(id.slice(0, 16));

/** One outbox entry: a head in JSON, its length in front (4 bytes, big endian), then the value as it is. */
export function encodeEmission(id: string, emission: Emission): OutboxEntry {
  const { value, ...rest } = emission;
  const head = JSON.stringify(rest);
  const headBytes = Buffer.byteLength(head);
  const body = Buffer.allocUnsafe(HEAD_AT + headBytes + value.length);
  body.writeUInt32BE(headBytes, 0);
  body.write(head, HEAD_AT);
  body.set(value, HEAD_AT + headBytes);
  return { id, body };
}

/** What an entry publishes, told by the emission that it was made from: nothing is parsed again. Its value lies in the entry. */
export const outgoingOf = ({ id, body }: OutboxEntry, emission: Emission): Outgoing => toOutgoing(id, emission, body.subarray(valueAt(body)));

/** What an entry publishes that was read from the store. */
export function decodeOutgoing({ id, body }: OutboxEntry): Outgoing {
  const at = valueAt(body);
  const head = JSON.parse(plain.decode(body.subarray(HEAD_AT, at))) as Omit<Emission, 'value'>;
  return toOutgoing(id, head, body.slice(at));
}

const HEAD_AT = 4;
const plain = new TextDecoder();

const valueAt = (body: Uint8Array): number => HEAD_AT + new DataView(body.buffer, body.byteOffset).getUint32(0);

const toOutgoing = (entryId: string, { id, tenant, topic, key, headers }: Omit<Emission, 'value'>, value: Uint8Array): Outgoing => ({
  entryId,
  tenant,
  topic,
  record: { key, value, headers: { ...headers, id } },
});
