import { type Decision, DecisionsMoved, LearningNote, type ProfileChange, type TakenDecision as TakenMessage } from '@attune/contracts/messages/log/v1/log';
import { fromBase64 } from '@attune/kernel/base64';
import { AttuneError } from '@attune/kernel/errors';
import type { Emission } from '@attune/processor/definition';
import { type CampaignLedger, countMoved } from '../domain/answer-change.ts';
import type { ArmName } from '../domain/campaign-counts.ts';
import { type MovedDecisions, takeDecisions } from '../domain/move-memory.ts';
import { awaitedBy, type ProfileMemory, type TakenDecision } from '../domain/profile-memory.ts';
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
  return [movedEmission(tenant, { id, fromProfileId: profileId, toProfileId: mergedInto, decisions: taken.map(takenMessage) })];
}

/** Tells a profile of a decision that an application asked for and that is learnt from; nothing for others. */
export function askedForEmission(tenant: string, { id, profileId, campaign, offer, nowMs, learning }: Decision): readonly Emission[] {
  if (learning === undefined) return [];
  const awaited = awaitedBy(learning);
  const atMs = Number(nowMs);
  const taken: TakenDecision = { id, campaign, arm: 'none', offer, atMs, untilMs: atMs, goal: '', state: 'closed', askedFor: true, awaited };
  return [movedEmission(tenant, { id: `asked/${id}`, fromProfileId: '', toProfileId: profileId, decisions: [takenMessage(taken)] })];
}

function movedEmission(tenant: string, fields: Pick<DecisionsMoved, 'id' | 'fromProfileId' | 'toProfileId' | 'decisions'>): Emission {
  const value = DecisionsMoved.encode(DecisionsMoved.fromPartial(fields)).finish();
  return { id: `${fields.id}/decisions`, tenant, topic: PROFILES, key: fields.toProfileId, value, headers: recordHeaders('DecisionsMoved') };
}

function takenMessage({ awaited, atMs, untilMs, learnt, ...taken }: TakenDecision): TakenMessage {
  const waits = awaited && { note: LearningNote.decode(fromBase64(awaited.note)), reward: awaited.reward, byProfile: awaited.byProfile === true };
  const { variant = '', first = false, askedFor = false } = taken;
  return { ...taken, variant, first, askedFor, atMs: BigInt(atMs), untilMs: BigInt(untilMs), awaited: waits, learnt: learnt ?? '' };
}

/** The decisions in a record. @throws AttuneError INTERNAL for words that this version does not know */
export function movedDecisions(value: Uint8Array): MovedDecisions {
  const { id, decisions } = DecisionsMoved.decode(value);
  return {
    id,
    decisions: decisions.map(({ arm, state, variant, first, askedFor, awaited, learnt, ...taken }) => {
      if (!isArm(arm) || !isState(state)) throw new AttuneError('INTERNAL', 'A decision that moved has an arm or a state that is not known here.');
      const waits = awaited?.note && {
        awaited: { ...awaitedBy(awaited.note), reward: awaited.reward, ...(awaited.byProfile && { byProfile: true as const }) },
      };
      const named = { ...(variant !== '' && { variant }), ...(first && { first }), ...(askedFor && { askedFor }), ...waits, ...(learnt !== '' && { learnt }) };
      return { ...taken, ...named, arm, state, atMs: Number(taken.atMs), untilMs: Number(taken.untilMs) };
    }),
  };
}

const isArm = (word: string): word is ArmName => word === 'treated' || word === 'held_out' || word === 'none';
const isState = (word: string): word is TakenDecision['state'] => word === 'open' || word === 'missed' || word === 'closed';
