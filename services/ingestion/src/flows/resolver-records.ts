import { Activity, type Erasure, type MovedAway, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { type ErrorCode, errorTable } from '@attune/kernel/errors';
import type { Emission } from '@attune/processor/definition';
import { ACTIVITY, headersOf, REJECTED } from '../ports.ts';

/** What an accepted record becomes in its profile; without content where that does not count, so that its position is told. */
export function activityOf({ tenant, key, partition, offset }: LogRecord, profileId: string, record: Activity['record']): Emission {
  const origin = { profileId, leaf: key, acceptedOffset: BigInt(offset), acceptedPartition: partition };
  const value = Activity.encode(Activity.fromPartial({ ...origin, ...(record ? { record } : {}) })).finish();
  return { id: `${profileId}/${partition}/${offset}/activity`, tenant, topic: ACTIVITY, key: profileId, value, headers: headersOf('Activity') };
}

/** Tells the profile `from` that its visitor became known. The header lets its owner fetch the key of the other profile before it folds. */
export function movedAway(record: LogRecord, from: string, value: MovedAway): Emission {
  const emission = activityOf(record, from, { $case: 'movedAway', value });
  return { ...emission, headers: { ...emission.headers, 'moved-to': value.toProfileId } };
}

/** Tells a profile that its person is erased. The header lets its owner destroy the key before it folds. */
export function erasureOf(record: LogRecord, value: Erasure): Emission {
  const emission = activityOf(record, value.profileId, { $case: 'erasure', value });
  return { ...emission, headers: { ...emission.headers, erases: value.profileId } };
}

/** What is published of a record that cannot be folded. */
export function setAside(record: LogRecord, code: string): Emission {
  const { topic, partition, offset, appendedAtMs } = record;
  return rejectedOf(record, { id: `${topic}/${partition}/${offset}`, code: isCode(code) ? code : 'INTERNAL', told: code, receivedAtMs: appendedAtMs });
}

/** What is told of a record under a code: `told` where the code itself is not of the table. */
export function rejectedOf({ tenant }: LogRecord, { id, code, told = code, field = '', receivedAtMs }: Rejection): Emission {
  const { what: reason, fix } = errorTable[code];
  const value = RejectedEvent.encode(RejectedEvent.fromPartial({ code: told, field, reason, fix, receivedAtMs: BigInt(receivedAtMs) })).finish();
  return { id: `${id}/rejected`, tenant, topic: REJECTED, key: id, value, headers: headersOf('RejectedEvent') };
}

interface Rejection {
  readonly id: string;
  readonly code: ErrorCode;
  readonly told?: string;
  readonly field?: string;
  readonly receivedAtMs: number;
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);
