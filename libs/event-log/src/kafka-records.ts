import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { LogRecord, NewRecord, TenantId } from './port.ts';

/** The tenant of records that were written by others without one. */
const defaultTenant = 'default';

/** A record as kafkajs sends it, to a partition that is already chosen. */
export const toMessage = (tenant: TenantId, { key, value, tombstone, headers }: NewRecord, partition: number): Message => ({
  key,
  value: tombstone ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers: { ...headers, tenant },
  partition,
});

/** A record as kafkajs fetched it. A value of null is a tombstone. */
export function toLogRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  const { tenant = defaultTenant, ...headers } = toHeaders(message.headers);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    appendedAtMs: Number(message.timestamp),
    tenant,
    key: message.key?.toString() ?? '',
    value: message.value ?? new Uint8Array(0),
    ...(message.value === null ? { tombstone: true } : {}),
    headers,
  };
}

function toHeaders(given: IHeaders | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = last.toString();
  }
  return headers;
}
