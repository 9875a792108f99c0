import type { Fact } from '@attune/contracts/messages/common/v1/common';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import { AttuneError, errorTable } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { dayKey } from '@attune/sealing/port';
import { admitEvent } from '../domain/admit-event.ts';
import type { EventContract } from '../domain/event-contract.ts';
import { ACCEPTED } from '../ports.ts';
import { factRecord, type RecordMakers } from './accepted-record.ts';

/** Who did what: `leaf` is the keyed hash of one of the customer's identifiers. */
export interface FactOfLeaf {
  readonly leaf: string;
  readonly fact: Fact;
}

/** Appends a fact of Attune's own; answers with its position in attune.accepted.v1. @throws AttuneError REQUEST_INVALID for what the door would refuse, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export type AcceptFact = (tenant: TenantId, given: FactOfLeaf) => Promise<Position>;

/** What accepting facts needs. */
export interface FactPorts extends Pick<RecordMakers, 'ring'> {
  readonly log: EventLog;
  readonly clock: Clock;
  /** The contract that holds now. */
  readonly contract: () => EventContract;
}

const LEAF = /^[\w-]{22}$/;
const SOURCE = 'attune';

/** The fact is admitted as any event is, from the source `attune`, and goes the way of events from there. */
export const acceptFact =
  ({ log, clock, ring, contract }: FactPorts): AcceptFact =>
  async (tenant, { leaf, fact }) => {
    if (!LEAF.test(leaf)) throw new AttuneError('REQUEST_INVALID', 'Field: leaf. The keyed hash of an identifier is expected.');
    const receivedAtMs = clock.nowMs();
    const { name, messageId, atMs, properties, causes } = fact;
    // The door asks whose event it is; the leaf stands for the identifier, which nobody here knows.
    const body = { type: 'track', event: name, userId: leaf, messageId, timestamp: new Date(Number(atMs)).toISOString(), properties };
    const arrival = { receivedAtMs, arrivedAtMs: receivedAtMs, freshId: messageId, parseTime: Date.parse, contract: contract(), source: SOURCE };
    const verdict = admitEvent(body, arrival);
    if (verdict.kind === 'rejected') throw new AttuneError('REQUEST_INVALID', `Field: fact. ${verdict.code}: ${errorTable[verdict.code].what}`);
    await ring.ensure(tenant, [dayKey(receivedAtMs)]);
    const [position] = await log.append(tenant, ACCEPTED, [factRecord(ring, tenant, { event: verdict.event, leaf, causes })]);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };
