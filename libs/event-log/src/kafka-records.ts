import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { LogRecord, NewRecord, TenantId } from './port.ts';

/** The tenant of records that were written by others without one. */
const defaultTenant = 'default';

/** A record as kafkajs sends it, to a partition that is already chosen. */
export const toMessage = (tenant: TenantId, { key, value, headers }: NewRecord, partition: number): Message => ({
  key,
  value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers: { ...headers, tenant },
  partition,
});

/** A record as kafkajs fetched it. A value of null (a tombstone of another writer) is empty. */
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
