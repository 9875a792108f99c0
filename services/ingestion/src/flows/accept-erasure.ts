import { randomUUID } from 'node:crypto';
import { AcceptedEvent, Erasure } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { IDENTIFIER_CHARACTERS_MAX } from '../domain/identifier-of.ts';
import { hasControl } from '../domain/text.ts';
import { ACCEPTED, headersOf } from '../ports.ts';

/** A profile to be erased, and the keyed hashes of the identifiers that it is known by. */
export interface ErasureGiven {
  readonly profileId: string;
  readonly leaves: readonly string[];
  /** Empty = a new one. */
  readonly messageId: string;
}

/** Appends the erasure under each identifier, and answers where the last record lies in attune.accepted.v1. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE */
export type AcceptErasure = (tenant: TenantId, given: ErasureGiven) => Promise<Position>;

const LEAVES_MAX = 300;
const LEAF = /^[\w-]{22}$/;

/** The erasure goes the way of events: it has its place among them, and a replay finds it there. */
export const acceptErasure =
  ({ log, clock }: { readonly log: EventLog; readonly clock: Clock }): AcceptErasure =>
  async (tenant, { profileId, leaves, messageId }) => {
    checkErasure({ profileId, leaves, messageId });
    const value = Erasure.fromPartial({ messageId: messageId === '' ? randomUUID() : messageId, profileId, receivedAtMs: BigInt(clock.nowMs()) });
    const bytes = AcceptedEvent.encode(AcceptedEvent.fromPartial({ record: { $case: 'erasure', value } })).finish();
    const records = [...new Set(leaves)].map((key) => ({ key, value: bytes, headers: headersOf('AcceptedEvent') }));
    const position = (await log.append(tenant, ACCEPTED, records)).at(-1);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };

function checkErasure({ profileId, leaves, messageId }: ErasureGiven): void {
  if (profileId === '') throw new AttuneError('REQUEST_INVALID', 'Field: profile_id. It is expected.');
  if (leaves.length === 0 || leaves.length > LEAVES_MAX || !leaves.every((leaf) => LEAF.test(leaf)))
    throw new AttuneError('REQUEST_INVALID', `Field: leaves. 1 to ${LEAVES_MAX} keyed hashes of identifiers are expected.`);
  if (messageId.length > IDENTIFIER_CHARACTERS_MAX || hasControl(messageId))
    throw new AttuneError('REQUEST_INVALID', `Field: message_id. At most ${IDENTIFIER_CHARACTERS_MAX} printable characters are expected.`);
}
