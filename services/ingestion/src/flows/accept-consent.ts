import { randomUUID } from 'node:crypto';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { AcceptedEvent, ConsentChange } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import { AttuneError, errorTable } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { dayKey } from '@attune/sealing/port';
import { IDENTIFIER_CHARACTERS_MAX, type Identifier, identifierFault } from '../domain/identifier-of.ts';
import { hasControl } from '../domain/text.ts';
import { ACCEPTED, headersOf } from '../ports.ts';
import type { RecordMakers } from './accepted-record.ts';

/** What a customer allows, by purpose: true = granted, false = denied. */
export interface ConsentGiven {
  readonly subject: Subject | undefined;
  readonly purposes: Readonly<Record<string, boolean>>;
  /** A repeat of the same within a day changes nothing; empty = a new one. */
  readonly messageId: string;
}

/** Appends a change of consent; answers with its position in attune.accepted.v1. @throws AttuneError REQUEST_INVALID for a profile id or a junk identifier, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export type AcceptConsent = (tenant: TenantId, given: ConsentGiven) => Promise<Position>;

/** What accepting consent needs. */
export interface ConsentPorts extends RecordMakers {
  readonly log: EventLog;
  readonly clock: Clock;
}

const PURPOSES_MAX = 100;

/** The consent goes the way of events: it has its place among them, and reaches the profile by its identifier. */
export const acceptConsent =
  ({ log, clock, ring, identifierHash }: ConsentPorts): AcceptConsent =>
  async (tenant, { subject, purposes, messageId }) => {
    const identifier = identifierIn(subject);
    const id = messageId === '' ? randomUUID() : messageId;
    if (id.length > IDENTIFIER_CHARACTERS_MAX || hasControl(id))
      throw new AttuneError('REQUEST_INVALID', `Field: message_id. At most ${IDENTIFIER_CHARACTERS_MAX} printable characters are expected.`);
    const names = Object.keys(purposes);
    if (names.length === 0 || names.length > PURPOSES_MAX || names.some((name) => hasControl(name)))
      throw new AttuneError('REQUEST_INVALID', `Field: purposes. 1 to ${PURPOSES_MAX} names in printable characters are expected.`);
    const receivedAtMs = clock.nowMs();
    const key = identifierHash(tenant, identifier.kind, identifier.value);
    await ring.ensure(tenant, [dayKey(receivedAtMs)]);
    const sealed = ring.seal(dayKey(receivedAtMs), { tenant, subject: key, id }, Buffer.from(JSON.stringify({ identifier: identifier.value })));
    const value = ConsentChange.fromPartial({ messageId: id, receivedAtMs: BigInt(receivedAtMs), purposes: { ...purposes } });
    const accepted = AcceptedEvent.fromPartial({ identifier: sealed, identifierKind: identifier.kind, record: { $case: 'consent', value } });
    const [position] = await log.append(tenant, ACCEPTED, [{ key, value: AcceptedEvent.encode(accepted).finish(), headers: headersOf('AcceptedEvent') }]);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };

function identifierIn(subject: Subject | undefined): Identifier {
  const id = subject?.id;
  if (id === undefined || id.$case === 'profileId') throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id or anonymous_id.');
  const fault = identifierFault(id.value);
  if (fault !== undefined) throw new AttuneError('REQUEST_INVALID', `Field: subject. ${fault}: ${errorTable[fault].what}`);
  return { kind: id.$case === 'userId' ? 'user' : 'anonymous', value: id.value };
}
