import type { Fact } from '@attune/contracts/messages/common/v1/common';
import type { EventLog, Position, TenantId } from '@attune/event-log/port';
import { AttuneError, errorTable } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { dayKey } from '@attune/sealing/port';
import { admitEvent, type Verdict } from '../domain/admit-event.ts';
import type { EventContract } from '../domain/event-contract.ts';
import { ACCEPTED } from '../ports.ts';
import { factRecord, type LeafFact, type RecordMakers } from './accepted-record.ts';

/** Who did what: `leaf` is the keyed hash of one of the customer's identifiers, `profileId` the profile that it is one of, where that is known. */
export interface FactOfLeaf {
  readonly leaf: string;
  readonly profileId?: string;
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
  async (tenant, given) => {
    if (!LEAF.test(given.leaf)) throw new AttuneError('REQUEST_INVALID', 'Field: leaf. The keyed hash of an identifier is expected.');
    const receivedAtMs = clock.nowMs();
    const verdict = admittedFact(given, contract(), receivedAtMs);
    if (verdict.kind === 'rejected') throw new AttuneError('REQUEST_INVALID', `Field: fact. ${verdict.code}: ${errorTable[verdict.code].what}`);
    await ring.ensure(tenant, [dayKey(receivedAtMs)]);
    const [position] = await log.append(tenant, ACCEPTED, [factRecord(ring, tenant, verdict.fact)]);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };

/** What is right of a customer. */
export interface TraitsOfLeaf {
  readonly leaf: string;
  readonly profileId: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly messageId: string;
}

/** Appends traits as an identify call of Attune's own, told now; answers with its position in attune.accepted.v1. @throws AttuneError REQUEST_INVALID for what the door would refuse, LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export type AcceptTraits = (tenant: TenantId, given: TraitsOfLeaf) => Promise<Position>;

/** The traits are held to their declaration, and go the way of events from there. */
export const acceptTraits =
  ({ log, clock, ring, contract }: FactPorts): AcceptTraits =>
  async (tenant, { leaf, profileId, traits, messageId }) => {
    if (!LEAF.test(leaf)) throw new AttuneError('REQUEST_INVALID', 'Field: leaf. The keyed hash of an identifier is expected.');
    const receivedAtMs = clock.nowMs();
    const arrival = { receivedAtMs, arrivedAtMs: receivedAtMs, freshId: messageId, parseTime: Date.parse, contract: contract(), source: SOURCE };
    const verdict = admitEvent({ type: 'identify', userId: leaf, messageId, traits }, arrival);
    if (verdict.kind === 'rejected') throw new AttuneError('REQUEST_INVALID', `Field: ${verdict.field}. ${verdict.code}: ${errorTable[verdict.code].what}`);
    await ring.ensure(tenant, [dayKey(receivedAtMs)]);
    const [position] = await log.append(tenant, ACCEPTED, [factRecord(ring, tenant, { event: verdict.event, leaf, profileId, causes: [], hops: 1 })]);
    if (position === undefined) throw new Error('the log answered without a position');
    return position;
  };

/** The fact as an event of its customer, or why the door refuses it. */
export type FactVerdict = { readonly kind: 'accepted'; readonly fact: LeafFact } | Extract<Verdict, { readonly kind: 'rejected' }>;

/** Holds a fact to what the door holds every event to. */
export function admittedFact({ leaf, profileId = '', fact }: FactOfLeaf, contract: EventContract, receivedAtMs: number): FactVerdict {
  const { name, messageId, atMs, properties, causes, hops } = fact;
  // The door asks whose event it is; the leaf stands for the identifier, which nobody here knows.
  const body = { type: 'track', event: name, userId: leaf, messageId, timestamp: new Date(Number(atMs)).toISOString(), properties };
  const arrival = { receivedAtMs, arrivedAtMs: receivedAtMs, freshId: messageId, parseTime: Date.parse, contract, source: SOURCE };
  const verdict = admitEvent(body, arrival);
  return verdict.kind === 'rejected' ? verdict : { kind: 'accepted', fact: { event: verdict.event, leaf, profileId, causes, hops: Math.max(hops, 1) } };
}
