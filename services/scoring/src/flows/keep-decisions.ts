import { Decision } from '@attune/contracts/messages/log/v1/log';
import { partitionOf } from '@attune/kernel/hash';
import type { ProcessorDefinition } from '@attune/processor/definition';
import type { StateKey, StateStore } from '@attune/state-store/port';
import { REQUEST_CAUSE } from '../domain/decision-record.ts';
import type { Slots } from '../ports.ts';
import { askedForEmission } from './move-decisions.ts';
import { DECISIONS } from './records.ts';

/** A record as it came first; empty before it came. */
export interface KeptDecision {
  bytes?: Uint8Array;
}

/** Keeps each decision under its id, so that it can be explained. The first of an id wins. One that an application asked for and that is learnt from is told to its profile. */
export const keepDecisions = (): ProcessorDefinition<KeptDecision> => ({
  name: 'decision-records',
  topic: DECISIONS,
  keyOf: ({ tenant, value }) => decisionKey(tenant, Decision.decode(value).id),
  empty: () => ({}),
  decode: (bytes) => ({ bytes: bytes.slice() }),
  encode: ({ bytes }) => bytes?.slice(),
  fold: (kept, { tenant, value }) => {
    if (kept.bytes !== undefined) return { emissions: [] };
    kept.bytes = value.slice();
    const decision = Decision.decode(value);
    return { emissions: decision.cause.startsWith(REQUEST_CAUSE) ? askedForEmission(tenant, decision) : [] };
  },
});

/**
 * Finds a kept decision by its id, in whichever partition it is, or in that of `profileId` alone; undefined where there is none.
 * @throws AttuneError STORE_UNAVAILABLE
 */
export type FindDecision = (tenant: string, id: string, profileId?: string) => Promise<Decision | undefined>;

/** Looks through the partitions of `decision-records`. */
export const findDecision =
  (store: StateStore, { partitions, slotOf }: Slots): FindDecision =>
  async (tenant, id, profileId) => {
    const where = profileId === undefined ? Array.from({ length: partitions }, (_, partition) => partition) : [partitionOf(profileId, partitions)];
    const reads = where.map((partition) => store.read(slotOf(partition), [decisionKey(tenant, id)]));
    const bytes = (await Promise.all(reads)).map(({ states }) => states[0]).find((found) => found !== undefined);
    return bytes && Decision.decode(bytes);
  };

const decisionKey = (tenant: string, id: string): StateKey => `${tenant}:decision:${id}`;
