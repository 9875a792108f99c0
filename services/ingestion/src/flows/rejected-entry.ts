import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, TenantId } from '@attune/event-log/port';
import { headersOf } from '../ports.ts';

/** A refused event as it lies in the log. */
export interface Rejected {
  /** Where: partition-offset. */
  readonly id: string;
  readonly record: LogRecord;
  readonly told: RejectedEvent;
}

/** So long a refused event can be listed, opened and sent again, in ms. */
export const REJECTED_KEPT_MS = 72 * 3_600_000;

const { type: TYPE } = headersOf('RejectedEvent');

/** What a record of attune.events.rejected.v1 tells that tenant; undefined for one of others, or that is none. */
export function rejectedIn(record: LogRecord, tenant: TenantId): Rejected | undefined {
  if (record.tenant !== tenant || record.headers['type'] !== TYPE) return undefined;
  try {
    return { id: `${record.partition}-${record.offset}`, record, told: RejectedEvent.decode(record.value) };
  } catch {
    return undefined;
  }
}
