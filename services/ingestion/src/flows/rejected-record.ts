import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { NewRecord, TenantId } from '@attune/event-log/port';
import { errorTable } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { dayKey } from '@attune/sealing/port';
import { EVENT_BYTES_MAX } from '../domain/admit-event.ts';
import type { Fault } from '../domain/fault.ts';
import { headersOf } from '../ports.ts';

/** An event that was not let in, and why. */
export interface Refusal extends Fault {
  readonly freshId: string;
  readonly body: unknown;
  readonly receivedAtMs: number;
  /** When it reached Attune. */
  readonly arrivedAtMs: number;
  readonly source: string;
}

/** Fields whose path is made of declared words, and not of the sender's own keys, which may be anything. */
const TOP_LEVEL: readonly string[] = [
  'type',
  'event',
  'userId',
  'anonymousId',
  'messageId',
  'timestamp',
  'sentAt',
  'properties',
  'traits',
  'context',
  'specversion',
  'id',
  'source',
  'data',
  'content-type',
];

/** The record of a refused event; the event itself is sealed under the key of the day, and left out above 32 KiB. @throws AttuneError KEY_UNAVAILABLE, ERASED */
export function rejectedRecord(ring: KeyRing, tenant: TenantId, { code, field, freshId, body, receivedAtMs, arrivedAtMs, source }: Refusal): NewRecord {
  const plain = jsonOf(body);
  const original = plain && ring.seal(dayKey(receivedAtMs), { tenant, subject: 'rejected', id: freshId }, plain);
  const { what, fix } = errorTable[code];
  const told = { code, field: plainPath(code, field), reason: what, fix, receivedAtMs: BigInt(receivedAtMs), arrivedAtMs: BigInt(arrivedAtMs), source };
  const value = RejectedEvent.encode(RejectedEvent.fromPartial({ ...told, ...(original ? { original } : {}) })).finish();
  return { key: freshId, value, headers: headersOf('RejectedEvent') };
}

/** As far as it names no key of the sender's. */
function plainPath(code: Fault['code'], field: string): string {
  if (code === 'FIELD_MISSING' || code === 'FIELD_INVALID') return field;
  const [top = ''] = field.split('.');
  return TOP_LEVEL.includes(top) ? top : '';
}

/** Undefined where there is nothing, too much of it, or too deep a nest for JSON.stringify. */
function jsonOf(body: unknown): Buffer | undefined {
  try {
    const text = JSON.stringify(body);
    const bytes = text === undefined ? undefined : Buffer.from(text);
    return bytes && bytes.length <= EVENT_BYTES_MAX ? bytes : undefined;
  } catch {
    return undefined;
  }
}
