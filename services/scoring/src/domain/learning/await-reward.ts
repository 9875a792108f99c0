import { type ProfileChange, RewardOutcome } from '@attune/contracts/messages/log/v1/log';
import type { Policy } from '../campaign-rules.ts';
import type { ProfileMemory, TakenDecision } from '../profile-memory.ts';

/** A decision that waits for its reward, until its time is over: it is learnt from then, whatever came, so that what comes early does not count for more. */
export interface AwaitedReward {
  /** The note of the decision's record, as bytes in base64. */
  readonly note: string;
  readonly model: string;
  readonly event: string;
  /** The last moment at which the event can happen. */
  readonly untilMs: number;
  /** The field whose sum counts, and its largest. Absent = happened or not. */
  readonly amount?: { readonly field: string; readonly atMost: number };
  /** So far, a part of 1. */
  readonly reward: number;
  /** An event counted that named no decision. */
  readonly byProfile?: true;
}

/** What became of a reward, or of the waiting for one. */
export interface NotedReward {
  readonly outcome: RewardOutcome;
  /** As the event names it. */
  readonly decisionId: string;
  /** Absent where the decision is not known. */
  readonly decision?: Pick<TakenDecision, 'campaign' | 'offer'>;
  /** Of one that is learnt from, or could have been. */
  readonly awaited?: AwaitedReward;
}

/** So many decisions about one profile teach one model within a day, at most. */
export const TAUGHT_MAX = 8;
const DAY_MS = 86_400_000;

/** Notes, in place, what an event means for the decisions that wait: for the one that it names, else for all. What is only refused is answered. */
export function noteReward(memory: ProfileMemory, change: ProfileChange, policy: Policy): readonly NotedReward[] {
  const { decisionId, event } = change;
  if (decisionId === '') {
    for (const decision of memory.decisions) if (waitsFor(decision, change)) reward(decision, change, true);
    return [];
  }
  const decision = memory.decisions.find(({ id }) => id === decisionId);
  if (decision === undefined) return rewarding(policy, event) ? [{ outcome: RewardOutcome.REWARD_OUTCOME_UNKNOWN_DECISION, decisionId }] : [];
  if ((decision.awaited?.event ?? decision.learnt) !== event) return [];
  const refused = (outcome: RewardOutcome): readonly NotedReward[] => [
    { outcome, decisionId, decision, ...(decision.awaited && { awaited: decision.awaited }) },
  ];
  if (!waitsFor(decision, change)) return refused(RewardOutcome.REWARD_OUTCOME_EXPIRED);
  if (decision.awaited?.amount === undefined && decision.awaited?.reward === 1) return refused(RewardOutcome.REWARD_OUTCOME_DUPLICATE);
  reward(decision, change, false);
  return [];
}

/** Learns, in place, from the decisions whose time is over: but from so many of one profile within a day, and no more. */
export function learnPast(memory: ProfileMemory, nowMs: number): readonly NotedReward[] {
  return memory.decisions.flatMap((decision) => {
    const { awaited, id: decisionId } = decision;
    if (awaited === undefined || awaited.untilMs >= nowMs) return [];
    delete decision.awaited;
    decision.learnt = awaited.event;
    const outcome = mayTeach(memory, awaited) ? RewardOutcome.REWARD_OUTCOME_LEARNT : RewardOutcome.REWARD_OUTCOME_OVER_BOUND;
    return [{ outcome, decisionId, decision, awaited }];
  });
}

function mayTeach(memory: ProfileMemory, { model, untilMs }: AwaitedReward): boolean {
  const day = Math.floor(untilMs / DAY_MS);
  memory.taught ??= {};
  const before = memory.taught[model];
  const times = before?.day === day ? before.times : 0;
  if (times >= TAUGHT_MAX) return false;
  memory.taught[model] = { day: Math.max(day, before?.day ?? day), times: times + 1 };
  return true;
}

const waitsFor = ({ awaited, atMs }: TakenDecision, { event, eventTimeMs }: ProfileChange): boolean =>
  awaited !== undefined && awaited.event === event && atMs <= Number(eventTimeMs) && Number(eventTimeMs) <= awaited.untilMs;

function reward(decision: TakenDecision, { amounts }: ProfileChange, byProfile: boolean): void {
  const { awaited } = decision;
  if (awaited === undefined) return;
  const { amount } = awaited;
  const brought = amount === undefined ? 1 : Math.max(0, amounts[amount.field] ?? 0) / amount.atMost;
  decision.awaited = { ...awaited, reward: Math.min(1, awaited.reward + brought), ...(byProfile && { byProfile }) };
}

const rewarding = ({ campaigns }: Policy, event: string): boolean =>
  campaigns.some(({ learn, variants }) => [learn, ...variants.map((variant) => variant.learn)].some((one) => one?.reward.event === event));
