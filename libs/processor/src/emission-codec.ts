import type { OutboxEntry } from '@attune/state-store/port';
import type { Emission } from './definition.ts';

const text = new TextEncoder();
const plain = new TextDecoder();

/** An outbox id that sorts in the order of publishing: the offset of the cause, then the place among its emissions. */
export const outboxId = (causeOffset: number, index: number): string => `${String(causeOffset).padStart(16, '0')}-${String(index).padStart(6, '0')}`;

/** The offset of the record that caused an outbox entry. */
export const causeOffsetOf = (id: string): number => Number(id.slice(0, 16));

/** One outbox entry: a head in JSON, its length in front (4 bytes, big endian), then the value as it is. */
export function encodeEmission(id: string, emission: Emission): OutboxEntry {
  const { value, ...rest } = emission;
  const head = text.encode(JSON.stringify(rest));
  const body = new Uint8Array(4 + head.length + value.length);
  new DataView(body.buffer).setUint32(0, head.length);
  body.set(head, 4);
  body.set(value, 4 + head.length);
  return { id, body };
}

export function decodeEmission(entry: OutboxEntry): Emission {
  const { body } = entry;
  const headBytes = new DataView(body.buffer, body.byteOffset).getUint32(0);
  const head = JSON.parse(plain.decode(body.subarray(4, 4 + headBytes))) as Omit<Emission, 'value'>;
  return { ...head, value: body.slice(4 + headBytes) };
}
