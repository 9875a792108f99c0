import { createHash } from 'node:crypto';
import type { Position } from '@attune/contracts/messages/common/v1/common';
import { Due, LearnerState, ModelState, Reward, RewardOutcome } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { StateKey } from '@attune/state-store/port';
import { contextOf } from '../domain/learning/context-vector.ts';
import { addDecision, noSums, type OfferSums } from '../domain/learning/offer-sums.ts';
import { sumsMessage, sumsOf } from './model-sums.ts';
import { LEARNING, MODEL_STATES, recordHeaders, typeOf } from './records.ts';
import { openBytesIfThere } from './seal-inputs.ts';

/** What a model has learnt so far, and what it told last. */
export interface Learner {
  newest: ModelState;
  offers: Map<string, OfferSums>;
  rewards: number;
  /** By partition of attune.profiles.v1, the newest reward in it: a repeat is never ahead. */
  seen: Map<number, { readonly offset: number; readonly place: number }>;
}

/** A state is told once it has learnt this part more than the one before, and so many ms after it at the soonest. */
const MORE = 1 / 50;
const TOLD_EVERY_MS = 1_000;

/** Learns from rewards in the order of the log, and tells what it has learnt: named states that never change. */
export const learn = (ring: KeyRing): ProcessorDefinition<Learner> => ({
  name: 'learning',
  topic: LEARNING,
  keyOf: (record) => (typeOf(record) === 'Due' ? Due.decode(record.value).stateKey : learnerKey(record.tenant, record.key)),
  empty: () => ({ newest: ModelState.fromPartial({}), offers: new Map(), rewards: 0, seen: new Map() }),
  decode: decodeLearner,
  encode: encodeLearner,
  prepare: async (records) => {
    for (const [tenant, theirs] of Map.groupBy(records, (record) => record.tenant)) {
      const learnt = theirs.filter((record) => typeOf(record) === 'Reward').map(({ value }) => Reward.decode(value));
      await ring.load(tenant, new Set(learnt.filter(isLearnt).map(({ profileId }) => subjectKey(profileId))));
    }
  },
  fold: (learner, record) => {
    if (typeOf(record) === 'Due') return tell(learner, record, Number(Due.decode(record.value).dueAtMs));
    if (typeOf(record) !== 'Reward') return { emissions: [] };
    const reward = Reward.decode(record.value);
    if (isLearnt(reward) && isNews(learner, reward)) take(learner, reward, contextBytesOf(ring, record, reward));
    return tell(learner, record, Number(reward.atMs));
  },
  dueRecord: (stateKey, dueAtMs) => ({
    key: stateKey.slice(stateKey.indexOf(':model:') + ':model:'.length),
    value: Due.encode({ stateKey, dueAtMs: BigInt(dueAtMs) }).finish(),
    headers: recordHeaders('Due'),
  }),
});

/** The state of a model's learner. */
export const learnerKey = (tenant: string, model: string): StateKey => `${tenant}:model:${model}`;

const isLearnt = ({ outcome }: Reward): boolean => outcome === RewardOutcome.REWARD_OUTCOME_LEARNT;

function isNews({ seen }: Learner, { cause, place }: Reward): boolean {
  const { partition, offset } = { partition: cause?.partition ?? 0, offset: Number(cause?.offset ?? 0n) };
  const before = seen.get(partition);
  if (before !== undefined && (offset < before.offset || (offset === before.offset && place <= before.place))) return false;
  seen.set(partition, { offset, place });
  return true;
}

/** Undefined where the person was erased meanwhile: nothing is learnt from them then. */
const contextBytesOf = (ring: KeyRing, { tenant }: LogRecord, { decisionId, context, profileId }: Reward): Uint8Array | undefined =>
  openBytesIfThere(ring, { tenant, profileId }, `${decisionId}/context`, context);

function take(learner: Learner, { offer, reward }: Reward, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  const width = bytes.length / 4;
  const x = contextOf(bytes, width);
  const before = learner.offers.get(offer) ?? noSums(width);
  if (x === undefined || before.responses.length !== width) return;
  learner.offers.set(offer, addDecision(before, x, reward));
  learner.rewards++;
}

/** Tells the next state where enough was learnt and enough time has passed, or asks to be woken for that. */
function tell(learner: Learner, { tenant, topic, partition, offset, key: model }: LogRecord, nowMs: number) {
  const { newest, rewards } = learner;
  const [told, toldAtMs] = [Number(newest.rewards), Number(newest.atMs)];
  if (rewards - told < Math.max(1, told * MORE)) return { emissions: [] };
  if (newest.number > 0n && nowMs < toldAtMs + TOLD_EVERY_MS) return { emissions: [], dueAtMs: toldAtMs + TOLD_EVERY_MS };
  const offers = messagesOf(learner);
  const number = newest.number + 1n;
  const position = { topic, partition, offset: BigInt(offset) };
  const atMs = BigInt(Math.max(nowMs, toldAtMs));
  const state = ModelState.fromPartial({ model, number, name: stateName({ model, number, offers }), position, atMs, rewards: BigInt(rewards), offers });
  learner.newest = { ...state, offers: [] };
  return { emissions: [stateEmission(tenant, state)] };
}

/** The name of a state: what it is a state of, which one, and what is in it. */
export function stateName({ model, number, offers }: Pick<ModelState, 'model' | 'number' | 'offers'>): string {
  const content = ModelState.encode(ModelState.fromPartial({ offers })).finish();
  return `${model}#${number}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
}

const messagesOf = ({ offers }: Learner) => [...offers].map(([offer, sums]) => sumsMessage(offer, sums)).toSorted((a, b) => (a.offer < b.offer ? -1 : 1));

const stateEmission = (tenant: string, state: ModelState): Emission => ({
  id: `state/${state.name}`,
  tenant,
  topic: MODEL_STATES,
  key: state.model,
  value: ModelState.encode(state).finish(),
  headers: recordHeaders('ModelState'),
});

function encodeLearner(learner: Learner): Uint8Array | undefined {
  const { newest, rewards, seen } = learner;
  if (seen.size === 0) return undefined;
  const causes: Record<number, Position> = {};
  const places: Record<number, number> = {};
  for (const [partition, { offset, place }] of seen) {
    causes[partition] = { topic: '', partition, offset: BigInt(offset) };
    places[partition] = place;
  }
  return LearnerState.encode(LearnerState.fromPartial({ newest, offers: messagesOf(learner), rewards: BigInt(rewards), causes, places })).finish();
}

function decodeLearner(bytes: Uint8Array): Learner {
  const { newest = ModelState.fromPartial({}), offers, rewards, causes, places } = LearnerState.decode(bytes);
  const seen = Object.entries(causes).map(
    ([partition, { offset }]) => [Number(partition), { offset: Number(offset), place: places[Number(partition)] ?? 0 }] as const,
  );
  return { newest, offers: new Map(offers.map((one) => [one.offer, sumsOf(one)])), rewards: Number(rewards), seen: new Map(seen) };
}
