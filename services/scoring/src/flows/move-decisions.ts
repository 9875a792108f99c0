import { DecisionsMoved, type ProfileChange } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import type { Emission } from '@attune/processor/definition';
import { type CampaignLedger, countMoved } from '../domain/answer-change.ts';
import type { ArmName } from '../domain/campaign-counts.ts';
import { type MovedDecisions, takeDecisions } from '../domain/move-memory.ts';
import type { ProfileMemory, TakenDecision } from '../domain/profile-memory.ts';
import { PROFILES, recordHeaders } from './records.ts';

/** Sends what is remembered of a visitor to the customer that the visitor became; nothing for another change, or where nothing is remembered. Empties the memory, and counts the visitor no more. */
export function decisionsEmission(
  tenant: string,
  { id, profileId, mergedInto }: ProfileChange,
  { memory, ledger }: { readonly memory: ProfileMemory; readonly ledger: CampaignLedger },
): readonly Emission[] {
  const taken = mergedInto === '' ? [] : takeDecisions(memory);
  if (taken.length === 0) return [];
  countMoved(ledger, taken, -1);
  const decisions = taken.map((one) => ({ ...one, atMs: BigInt(one.atMs), untilMs: BigInt(one.untilMs) }));
  const moved = DecisionsMoved.fromPartial({ id, fromProfileId: profileId, toProfileId: mergedInto, decisions });
  const value = DecisionsMoved.encode(moved).finish();
  return [{ id: `${id}/decisions`, tenant, topic: PROFILES, key: mergedInto, value, headers: recordHeaders('DecisionsMoved') }];
}

/** The decisions in a record. @throws AttuneError INTERNAL for words that this version does not know */
export function movedDecisions(value: Uint8Array): MovedDecisions {
  const { id, decisions } = DecisionsMoved.decode(value);
  return {
    id,
    decisions: decisions.map(({ arm, state, variant, first, ...taken }) => {
      if (!isArm(arm) || !isState(state)) throw new AttuneError('INTERNAL', 'A decision that moved has an arm or a state that is not known here.');
      const named = { ...(variant !== '' && { variant }), ...(first && { first }) };
      return { ...taken, ...named, arm, state, atMs: Number(taken.atMs), untilMs: Number(taken.untilMs) };
    }),
  };
}

const isArm = (word: string): word is ArmName => word === 'treated' || word === 'held_out' || word === 'none';
const isState = (word: string): word is TakenDecision['state'] => word === 'open' || word === 'missed' || word === 'closed';
