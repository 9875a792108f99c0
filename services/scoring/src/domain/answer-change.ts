import { type Decision, type DecisionInputs, type ProfileChange, ProfileChangeKind, TransitionCause } from '@attune/contracts/messages/log/v1/log';
import { armShares } from './assign-variant.ts';
import { armOf, type CampaignCounts, countDecision, countEntered, countSettled, noCounts, tallyIn } from './campaign-counts.ts';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { type DecisionQuestion, decisionRecord } from './decision-record.ts';
import { armKey, countOutcome, outcomeOf } from './experiments/customer-counts.ts';
import { learnPast, type NotedReward, noteReward } from './learning/await-reward.ts';
import { noteGoalEvent } from './move-memory.ts';
import { causedBy, enters, isNews, type ProfileMemory, remember, type Settled, settlePast, settleReached, type TakenDecision } from './profile-memory.ts';

/** What the profiles of a partition have in common; edited in place. */
export interface CampaignLedger {
  /** Largest `at_ms` folded. */
  logTimeMs: number;
  /** By name. */
  campaigns: Record<string, CampaignCounts>;
}

/** A change of a profile, and what is known when it is folded. */
export interface ChangeToAnswer extends Pick<DecisionQuestion, 'tenant' | 'seal' | 'hash' | 'modelOf'> {
  readonly change: ProfileChange;
  readonly policy: Policy;
  /** Edited in place, as the ledger is. */
  readonly memory: ProfileMemory;
  readonly ledger: CampaignLedger;
  /** Hears what becomes of rewards. */
  readonly rewarded: (reward: NotedReward) => void;
  /** The change's inputs; undefined where they were erased. Asked for only when a campaign starts. */
  readonly open: () => DecisionInputs | undefined;
}

/** The decisions that a change leads to, in the order of the campaigns. A change that was answered before changes nothing. */
export function answerChange(given: ChangeToAnswer): readonly Decision[] {
  const { change, memory, ledger } = given;
  const atMs = Number(change.atMs);
  if (!isNews(memory, change)) return [];
  ledger.logTimeMs = Math.max(ledger.logTimeMs, atMs);
  if (change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT) hear(given);
  settle(ledger, settlePast(memory, atMs));
  for (const reward of learnPast(memory, atMs)) given.rewarded(reward);
  const starting = given.policy.campaigns.filter((campaign) => starts(campaign, given));
  const inputs = starting.length > 0 ? given.open() : undefined;
  return inputs === undefined ? [] : starting.map((campaign) => take(campaign, inputs, given));
}

/** Counts what was settled. */
export function settle({ campaigns }: CampaignLedger, settled: readonly Settled[]): void {
  for (const taken of settled) campaigns[taken.campaign] = countSettled(campaigns[taken.campaign] ?? noCounts, taken);
}

/** Counts customers whose decisions came with them from a profile that they were before; `sign` −1 where they leave. */
export function countMoved({ campaigns }: CampaignLedger, decisions: readonly TakenDecision[], sign: 1 | -1): void {
  for (const taken of decisions) {
    const arm = taken.first ? armKey(taken) : undefined;
    if (arm === undefined) continue;
    const counts = campaigns[taken.campaign] ?? noCounts;
    campaigns[taken.campaign] = { ...counts, customers: countOutcome(counts.customers ?? {}, arm, outcomeOf(taken), sign) };
  }
}

function hear({ change, memory, ledger, policy, rewarded }: ChangeToAnswer): void {
  const { event, eventTimeMs } = change;
  const atMs = Number(eventTimeMs);
  if (policy.campaigns.some(({ goal }) => goal?.event === event)) noteGoalEvent(memory, { event, atMs });
  settle(ledger, settleReached(memory, event, atMs));
  for (const reward of noteReward(memory, change, policy)) rewarded(reward);
}

const HOPS_MAX = 4;
const startOf: ReadonlyMap<ProfileChangeKind, CampaignRule['start']['when']> = new Map([
  [ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, 'enters'],
  [ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT, 'leaves'],
]);

/** A segment that reads what is not for the campaign's purpose is unknown to it, and so is that somebody came into it or left. */
function starts({ name, purpose, start, expiresMs }: CampaignRule, { change, policy, memory, ledger }: ChangeToAnswer): boolean {
  if (start.when !== startOf.get(change.kind) || !start.segments.includes(change.segment)) return false;
  if (change.transitionCause === TransitionCause.TRANSITION_CAUSE_DEFINITION && !start.redefined) return false;
  if (policy.segmentPurposesOf.get(change.segment)?.includes(purpose) !== true) return false;
  const tooOld = expiresMs !== undefined && ledger.logTimeMs - Number(change.atMs) > expiresMs;
  return !tooOld && change.hops < HOPS_MAX && !causedBy(memory, change.causes, name);
}

function take(campaign: CampaignRule, inputs: DecisionInputs, given: ChangeToAnswer): Decision {
  const { change, memory, ledger } = given;
  const decision = decisionRecord({
    ...given,
    campaign,
    inputs,
    profileId: change.profileId,
    cause: change.id,
    nowMs: Number(change.atMs),
    position: change.position,
    tallyOf: (offer) => tallyIn(ledger.campaigns[campaign.name], offer),
    hops: change.hops,
  });
  const counts = countDecision(ledger.campaigns[campaign.name] ?? noCounts, decision);
  const first = armOf(decision.outcome) !== 'none' && enters(memory, campaign.name);
  ledger.campaigns[campaign.name] = first ? countEntered(counts, decision, armShares(campaign)) : counts;
  settle(ledger, remember(memory, decision, { ...campaign, first }));
  return decision;
}
