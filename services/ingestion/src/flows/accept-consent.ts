import { randomUUID } from 'node:crypto';
import type { Fact, Subject } from '@attune/contracts/messages/common/v1/common';
import { AcceptedEvent, ConsentChange } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord, Position, TenantId } from '@attune/event-log/port';
import { AttuneError, errorTable } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { dayKey } from '@attune/sealing/port';
import type { EventContract } from '../domain/event-contract.ts';
import { IDENTIFIER_CHARACTERS_MAX, type Identifier, identifierFault } from '../domain/identifier-of.ts';
import { hasControl } from '../domain/text.ts';
import { ACCEPTED, headersOf } from '../ports.ts';
import { admittedFact, type FactVerdict } from './accept-fact.ts';
import { factRecord, type RecordMakers } from './accepted-record.ts';

/** What a customer allows, by purpose: true = granted, false = denied. */
export interface ConsentGiven {
  /** By user_id or anonymous_id. */
  readonly subject?: Subject | undefined;
  /** Instead of a subject: the keyed hash of an identifier, for whoever knows the profile only. Empty = by subject. */
  readonly leaf?: string;
  /** The profile that the leaf is one of. Empty = not known. */
  readonly profileId?: string;
  readonly purposes: Readonly<Record<string, boolean>>;
  /** A repeat of the same within a day changes nothing; empty = a new one. */
  readonly messageId: string;
  /** What the customer did by saying so; needs a leaf. The log gets both or neither. */
  readonly fact?: Fact | undefined;
}

/** Appends a change of consent; answers with its position in attune.accepted.v1. @throws AttuneError REQUEST_INVALID for a profile id, a junk identifier or what is no leaf, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export type AcceptConsent = (tenant: TenantId, given: ConsentGiven) => Promise<Position>;

/** What accepting consent needs. */
export interface ConsentPorts extends RecordMakers {
  readonly log: EventLog;
  readonly clock: Clock;
  /** The contract that holds now. */
  readonly contract: () => EventContract;
}

const PURPOSES_MAX = 100;
const LEAF = /^[\w-]{22}$/;

/** The consent goes the way of events: it has its place among them, and reaches the profile by its identifier. */
export const acceptConsent =
  ({ log, clock, ring, identifierHash, contract }: ConsentPorts): AcceptConsent =>
  async (tenant, { subject, leaf = '', profileId = '', purposes, messageId, fact }) => {
    const identifier = leaf === '' ? identifierIn(subject) : undefined;
    if (identifier === undefined && !LEAF.test(leaf)) throw new AttuneError('REQUEST_INVALID', 'Field: leaf. The keyed hash of an identifier is expected.');
    const id = messageId === '' ? randomUUID() : messageId;
    if (id.length > IDENTIFIER_CHARACTERS_MAX || hasControl(id))
      throw new AttuneError('REQUEST_INVALID', `Field: message_id. At most ${IDENTIFIER_CHARACTERS_MAX} printable characters are expected.`);
    const names = Object.keys(purposes);
    if (names.length === 0 || names.length > PURPOSES_MAX || names.some((name) => hasControl(name)))
      throw new AttuneError('REQUEST_INVALID', `Field: purposes. 1 to ${PURPOSES_MAX} names in printable characters are expected.`);
    const receivedAtMs = clock.nowMs();
    const key = identifier === undefined ? leaf : identifierHash(tenant, identifier.kind, identifier.value);
    const value = ConsentChange.fromPartial({
      messageId: id,
      receivedAtMs: BigInt(receivedAtMs),
      purposes: { ...purposes },
      profileId: identifier === undefined ? profileId : '',
    });
    const whose = identifier && (await sealedIdentifier(ring, identifier, { tenant, subject: key, id, receivedAtMs }));
    const accepted = AcceptedEvent.fromPartial({ ...whose, record: { $case: 'consent', value } });
    const word = { key, value: AcceptedEvent.encode(accepted).finish(), headers: headersOf('AcceptedEvent') };
    const told = fact && leaf !== '' ? await factRecords(ring, tenant, admittedFact({ leaf, profileId, fact }, contract(), receivedAtMs)) : [];
    // Records of one key in one append are one batch of the log.
    const [position] = await log.append(tenant, ACCEPTED, [word, ...told]);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };

/** A word on consent holds whatever the door says of the fact. */
async function factRecords(ring: RecordMakers['ring'], tenant: TenantId, verdict: FactVerdict): Promise<readonly NewRecord[]> {
  if (verdict.kind === 'rejected') return [];
  await ring.ensure(tenant, [dayKey(verdict.fact.event.receivedAtMs)]);
  return [factRecord(ring, tenant, verdict.fact)];
}

interface SealedFor {
  readonly tenant: TenantId;
  readonly subject: string;
  readonly id: string;
  readonly receivedAtMs: number;
}

async function sealedIdentifier(
  ring: RecordMakers['ring'],
  { kind, value }: Identifier,
  { receivedAtMs, ...envelope }: SealedFor,
): Promise<Pick<AcceptedEvent, 'identifier' | 'identifierKind'>> {
  await ring.ensure(envelope.tenant, [dayKey(receivedAtMs)]);
  return { identifier: ring.seal(dayKey(receivedAtMs), envelope, Buffer.from(JSON.stringify({ identifier: value }))), identifierKind: kind };
}

function identifierIn(subject: Subject | undefined): Identifier {
  const id = subject?.id;
  if (id === undefined || id.$case === 'profileId') throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id or anonymous_id.');
  const fault = identifierFault(id.value);
  if (fault !== undefined) throw new AttuneError('REQUEST_INVALID', `Field: subject. ${fault}: ${errorTable[fault].what}`);
  return { kind: id.$case === 'userId' ? 'user' : 'anonymous', value: id.value };
}
