import { ConfigurationActivated, Due, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { answerChange, countMoved, settle } from '../domain/answer-change.ts';
import { noPolicy } from '../domain/campaign-rules.ts';
import { learnPast, type NotedReward } from '../domain/learning/await-reward.ts';
import { priorAlone } from '../domain/model-in-use.ts';
import { installDecisions } from '../domain/move-memory.ts';
import { newMemory, nextDueMs, settlePast } from '../domain/profile-memory.ts';
import type { ConfigurationOf } from '../ports.ts';
import type { ModelStates } from './follow-model-states.ts';
import { decisionsEmission, movedDecisions } from './move-decisions.ts';
import { decodeState, dueRecord, encodeState, newPartition, partitionKey, type ScoringState, stateKeyOf } from './partition-state.ts';
import { policyOf } from './policy-of.ts';
import { decisionEmission, PROFILES, typeOf } from './records.ts';
import { rewardEmissions } from './reward-emission.ts';
import { idHash, openIfThere, sealInputs } from './seal-inputs.ts';
import { prepareModels, useState } from './use-model-states.ts';

/** Lets campaigns decide about profiles that enter or leave their segments, and learns from the events that reach their goals. */
export const decideOnTransition = ({ ring, configurationOf, models }: DecidingMeans): ProcessorDefinition<ScoringState> => ({
  name: 'decisions',
  topic: PROFILES,
  keyOf: stateKeyOf,
  companionKey: ({ tenant }) => partitionKey(tenant),
  empty: () => ({}),
  decode: decodeState,
  encode: encodeState,
  prepare: async (records, states) => {
    await prepareModels(models, records, states);
    const changes = records.filter((record) => typeOf(record) === 'ProfileChange');
    for (const [tenant, of] of Map.groupBy(changes, (record) => record.tenant)) await ring.ensure(tenant, new Set(of.map(({ key }) => subjectKey(key))));
  },
  fold: (state, record, companion) => {
    if (state.erased) return { emissions: [] };
    if (typeOf(record) === 'ConfigurationActivated') return activate(state, record, companion);
    if (typeOf(record) === 'ModelStateActivated') return useState(record, companion);
    if (typeOf(record) === 'ProfileChange') return decide(state, record, companion, { ring, configurationOf, models });
    if (typeOf(record) === 'DecisionsMoved') return remember(state, record, companion);
    return typeOf(record) === 'Due' ? wake(state, record, companion) : { emissions: [] };
  },
  dueRecord,
});

/** What deciding about changes needs. */
export interface DecidingMeans {
  readonly ring: KeyRing;
  readonly configurationOf: ConfigurationOf;
  readonly models: Pick<ModelStates, 'modelOf' | 'load'>;
}

function decide(state: ScoringState, record: LogRecord, companion: ScoringState, { ring, configurationOf, models }: DecidingMeans) {
  const { tenant, value } = record;
  state.profile ??= newMemory();
  companion.partition ??= newPartition();
  const [memory, ledger] = [state.profile, companion.partition];
  const change = ProfileChange.decode(value);
  if (change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED) return forget(state, companion);
  const of = { tenant, profileId: change.profileId };
  const rewards: NotedReward[] = [];
  const decisions = answerChange({
    tenant,
    change,
    policy: ledger.document === '' ? noPolicy : policyOf(configurationOf(ledger.document)),
    memory,
    ledger,
    rewarded: (reward) => void rewards.push(reward),
    modelOf: (model) => models.modelOf(tenant, model, ledger.models?.[model]) ?? priorAlone,
    open: () => openIfThere(ring, of, change.id, change.inputs),
    seal: sealInputs(ring, of),
    hash: idHash,
  });
  const emissions = decisions.map((decision) => decisionEmission(tenant, decision, record));
  const moved = decisionsEmission(tenant, change, { memory, ledger });
  return withDue(state, [...emissions, ...moved, ...rewardEmissions(record, rewards, Number(change.atMs))]);
}

/** Nothing is remembered of somebody who was erased; what was open counts as missed. */
function forget(state: ScoringState, { partition }: ScoringState) {
  if (state.profile && partition) settle(partition, settlePast(state.profile, Number.POSITIVE_INFINITY));
  delete state.profile;
  state.erased = true;
  return { emissions: [] };
}

/** What was decided about a visitor counts for the customer from here on. */
function remember(state: ScoringState, { value }: LogRecord, companion: ScoringState) {
  state.profile ??= newMemory();
  companion.partition ??= newPartition();
  const { settled, joined } = installDecisions(state.profile, movedDecisions(value));
  countMoved(companion.partition, joined, 1);
  settle(companion.partition, settled);
  return withDue(state, []);
}

/** Settles what is past, for profiles of which nothing else is heard. */
function wake(state: ScoringState, record: LogRecord, companion: ScoringState) {
  const { dueAtMs } = Due.decode(record.value);
  companion.partition ??= newPartition();
  if (state.profile === undefined) return { emissions: [] };
  settle(companion.partition, settlePast(state.profile, Number(dueAtMs)));
  return withDue(state, rewardEmissions(record, learnPast(state.profile, Number(dueAtMs)), Number(dueAtMs)));
}

/** The document lies in a state of its own, so that it is not written again with each step. */
function activate(state: ScoringState, record: LogRecord, companion: ScoringState) {
  const { version, document } = ConfigurationActivated.decode(record.value);
  state.document = document;
  companion.partition = { ...(companion.partition ?? newPartition()), version, document };
  return { emissions: [] };
}

function withDue({ profile }: ScoringState, emissions: readonly Emission[]) {
  const dueAtMs = profile && nextDueMs(profile);
  return { emissions, ...(dueAtMs !== undefined && { dueAtMs }) };
}
