import { randomUUID } from 'node:crypto';
import { type AllowIdentifierRequest, AllowIdentifierResponse } from '@attune/contracts/messages/identity/v1/identity';
import { AcceptedEvent } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, TenantId } from '@attune/event-log/port';
import type { Clock } from '@attune/runtime/world';
import type { IdentifierHash } from '@attune/sealing/identifier-hash';
import { ACCEPTED, headersOf } from '../ports.ts';
import { leafOfNamed } from './identifier-named.ts';

/** Lets a quarantined identifier be joined again; answers where the record lies in attune.accepted.v1. It changes nothing of one that is not quarantined. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE */
export type AllowIdentifier = (tenant: TenantId, request: AllowIdentifierRequest) => Promise<AllowIdentifierResponse>;

/** What appending about identifiers needs. */
export interface IdentifierPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly identifierHash: IdentifierHash;
}

/** The allowance goes the way of events: it has its place among them, and a replay finds it there. */
export const allowIdentifier =
  ({ log, clock, identifierHash }: IdentifierPorts): AllowIdentifier =>
  async (tenant, { identifier }) => {
    const key = leafOfNamed(identifierHash, tenant, identifier);
    const value = { messageId: randomUUID(), receivedAtMs: BigInt(clock.nowMs()) };
    const bytes = AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'allowance', value } })).finish();
    const [position] = await log.append(tenant, ACCEPTED, [{ key, value: bytes, headers: headersOf('AcceptedEvent') }]);
    if (position === undefined) throw new Error('the log answered without a position');
    return AllowIdentifierResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
  };
