import { type Decision, type DecisionInputs, type ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { type CampaignCounts, countDecision, countSettled, noCounts, tallyIn } from './campaign-counts.ts';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { type DecisionQuestion, decisionRecord } from './decision-record.ts';
import { noteGoalEvent } from './move-memory.ts';
import { causedBy, isNews, type ProfileMemory, remember, type Settled, settlePast, settleReached } from './profile-memory.ts';

/** What the profiles of a partition have in common; edited in place. */
export interface CampaignLedger {
  /** Largest `at_ms` folded. */
  logTimeMs: number;
  /** By name. */
  campaigns: Record<string, CampaignCounts>;
}

/** A change of a profile, and what is known when it is folded. */
export interface ChangeToAnswer extends Pick<DecisionQuestion, 'tenant' | 'seal' | 'hash'> {
  readonly change: ProfileChange;
  readonly policy: Policy;
  /** Edited in place, as the ledger is. */
  readonly memory: ProfileMemory;
  readonly ledger: CampaignLedger;
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
  const starting = given.policy.campaigns.filter((campaign) => starts(campaign, given));
  const inputs = starting.length > 0 ? given.open() : undefined;
  return inputs === undefined ? [] : starting.map((campaign) => take(campaign, inputs, given));
}

/** Counts what was settled. */
export function settle({ campaigns }: CampaignLedger, settled: readonly Settled[]): void {
  for (const taken of settled) campaigns[taken.campaign] = countSettled(campaigns[taken.campaign] ?? noCounts, taken);
}

function hear({ change: { event, eventTimeMs }, memory, ledger, policy }: ChangeToAnswer): void {
  const atMs = Number(eventTimeMs);
  if (policy.campaigns.some(({ goal }) => goal?.event === event)) noteGoalEvent(memory, { event, atMs });
  settle(ledger, settleReached(memory, event, atMs));
}

const HOPS_MAX = 4;
const startOf: ReadonlyMap<ProfileChangeKind, CampaignRule['start']['when']> = new Map([
  [ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, 'enters'],
  [ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT, 'leaves'],
]);

function starts({ name, start, expiresMs }: CampaignRule, { change, memory, ledger }: ChangeToAnswer): boolean {
  if (start.when !== startOf.get(change.kind) || !start.segments.includes(change.segment)) return false;
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
  ledger.campaigns[campaign.name] = countDecision(ledger.campaigns[campaign.name] ?? noCounts, decision);
  settle(ledger, remember(memory, decision, campaign));
  return decision;
}
