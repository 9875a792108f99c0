import { LearningNote, Reward, RewardOutcome } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { fromBase64 } from '@attune/kernel/base64';
import type { Emission } from '@attune/processor/definition';
import type { Metrics } from '@attune/runtime/telemetry/port';
import type { NotedReward } from '../domain/learning/await-reward.ts';
import { LEARNING, recordHeaders } from './records.ts';

/** Under which rewards lie whose decision, and so whose model, is not known. */
const UNKNOWN_MODEL = 'unknown';

/** What became of a reward, on its way to the model; `place` among those of one record. */
export function rewardEmission(
  { tenant, partition, offset, topic }: LogRecord,
  noted: NotedReward,
  { place, atMs }: { readonly place: number; readonly atMs: number },
): Emission {
  const { outcome, decisionId, decision, awaited } = noted;
  const learnt = outcome === RewardOutcome.REWARD_OUTCOME_LEARNT && awaited ? LearningNote.decode(fromBase64(awaited.note)) : undefined;
  const id = `reward/${partition}/${offset}/${place}`;
  const reward = Reward.fromPartial({
    id,
    model: awaited?.model ?? '',
    campaign: decision?.campaign ?? '',
    decisionId,
    offer: decision?.offer ?? '',
    outcome,
    atMs: BigInt(atMs),
    cause: { topic, partition, offset: BigInt(offset) },
    place,
    ...(learnt && { reward: awaited?.reward ?? 0, context: learnt.context, profileId: learnt.profileId, byProfile: awaited?.byProfile === true }),
  });
  return { id, tenant, topic: LEARNING, key: awaited?.model ?? UNKNOWN_MODEL, value: Reward.encode(reward).finish(), headers: recordHeaders('Reward') };
}

/** Those of one record. */
export const rewardEmissions = (record: LogRecord, rewards: readonly NotedReward[], atMs: number): Emission[] =>
  rewards.map((reward, place) => rewardEmission(record, reward, { place, atMs }));

/** Counts the rewards among the emissions of a commit, by what became of them. */
export const countRewards =
  (telemetry: Metrics) =>
  (emissions: readonly Emission[]): void => {
    for (const { topic, value } of emissions) {
      if (topic !== LEARNING) continue;
      const { campaign, outcome } = Reward.decode(value);
      telemetry.count('attune_scoring_rewards_total', { campaign, outcome: outcomes.get(outcome) ?? '' });
    }
  };

const outcomes: ReadonlyMap<RewardOutcome, string> = new Map([
  [RewardOutcome.REWARD_OUTCOME_LEARNT, 'learnt'],
  [RewardOutcome.REWARD_OUTCOME_OVER_BOUND, 'over_bound'],
  [RewardOutcome.REWARD_OUTCOME_UNKNOWN_DECISION, 'unknown_decision'],
  [RewardOutcome.REWARD_OUTCOME_EXPIRED, 'expired'],
  [RewardOutcome.REWARD_OUTCOME_DUPLICATE, 'duplicate'],
]);
