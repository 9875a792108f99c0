import { type Decision, LearningNote, type ProfileChange } from '@attune/contracts/messages/log/v1/log';
import { toBase64 } from '@attune/kernel/base64';
import { type ArmName, armOf } from './campaign-counts.ts';
import type { CampaignRule } from './campaign-rules.ts';
import type { AwaitedReward } from './learning/await-reward.ts';

/**
 * A decision about a profile: `open` until it reached its goal or the time for that is over (`missed`); `closed` for good, or without a goal.
 * A missed one is reached after all by an event in time whose record came late.
 */
export interface TakenDecision {
  readonly id: string;
  readonly campaign: string;
  readonly arm: ArmName;
  /** Empty where none was sent. */
  readonly offer: string;
  readonly atMs: number;
  /** The last moment at which an event can still reach the goal. */
  readonly untilMs: number;
  /** The event that reaches the goal. */
  readonly goal: string;
  state: 'open' | 'missed' | 'closed';
  /** Absent where the campaign has no variants. */
  readonly variant?: string;
  /** True for the first decision of its campaign about the customer, which alone counts where customers are compared. Absent = false. */
  readonly first?: boolean;
  /** What it waits for to be learnt from. Absent = it is not, or was. */
  awaited?: AwaitedReward;
  /** The event that would have rewarded it, once it was learnt from. */
  learnt?: string;
  /** An application asked for it: no campaign counts it. */
  readonly askedFor?: true;
}

/** An event that may reach a goal. */
export interface GoalEvent {
  readonly event: string;
  readonly atMs: number;
}

/** What is kept of a profile: the position folded last with the ids found at it, and its newest 32 decisions. */
export interface ProfileMemory {
  partition: number;
  offset: number;
  ids: string[];
  decisions: TakenDecision[];
  /** The newest events that goals wait for: decisions about a visitor may come after what they reach. Absent = none yet. */
  recent?: GoalEvent[];
  /** The merges whose decisions are among these. Absent = none. */
  moved?: string[];
  /** The newest decisions that applications asked for. Absent = none. */
  asked?: string[];
  /** By model, how many of these decisions taught it on the newest day. Absent = none. */
  taught?: Record<string, { readonly day: number; readonly times: number }>;
  /** The campaigns that the customer was counted in. Absent = none. */
  entered?: string[];
}

/** A decision that was settled now. `counted` is true where it was settled before, as missed. */
export type Settled = Pick<TakenDecision, 'campaign' | 'arm' | 'offer' | 'variant' | 'first'> & { readonly reached: boolean; readonly counted: boolean };

/** A profile that nothing is known of. */
export const newMemory = (): ProfileMemory => ({ partition: -1, offset: -1, ids: [], decisions: [] });

/** Notes the change, in place. False for one that was noted before: changes of a profile come in the order of their positions, and a repeat is never ahead. */
export function isNews(memory: ProfileMemory, { id, position }: Pick<ProfileChange, 'id' | 'position'>): boolean {
  const at = { partition: position?.partition ?? 0, offset: Number(position?.offset ?? 0n) };
  if (at.partition === memory.partition && at.offset <= memory.offset) {
    if (at.offset < memory.offset || memory.ids.includes(id)) return false;
    memory.ids.push(id);
    return true;
  }
  Object.assign(memory, at, { ids: [id] });
  return true;
}

/** True where the customer is counted in this campaign now, for the first time. Noted in place. */
export function enters(memory: ProfileMemory, campaign: string): boolean {
  if (memory.entered?.includes(campaign)) return false;
  memory.entered = [...(memory.entered ?? []), campaign];
  return true;
}

/** Keeps the decision, in place, and answers those that had to be settled to make room. `first`: of its campaign about the customer. */
export function remember(
  memory: ProfileMemory,
  { id, outcome, offer, nowMs, variant, learning }: Decision,
  { name, goal, first }: Pick<CampaignRule, 'name' | 'goal'> & { readonly first: boolean },
): readonly Settled[] {
  const arm = armOf(outcome);
  const atMs = Number(nowMs);
  const state = goal !== undefined && arm !== 'none' ? 'open' : 'closed';
  memory.decisions.push({
    ...{ id, campaign: name, arm, offer, atMs, untilMs: atMs + (goal?.withinMs ?? 0), goal: goal?.event ?? '', state },
    ...(variant !== '' && { variant }),
    ...(first && { first }),
    ...(learning && { awaited: awaitedBy(learning) }),
  });
  return makeRoom(memory);
}

/** How a decision waits that was recorded with this note. */
export const awaitedBy = (note: LearningNote): AwaitedReward => ({
  note: toBase64(LearningNote.encode(note).finish()),
  model: note.model,
  event: note.event,
  untilMs: Number(note.untilMs),
  ...(note.atMost > 0 && { amount: { field: note.amount, atMost: note.atMost } }),
  reward: 0,
});

/** Closes, in place, the decisions whose goal the event reaches: it happened at the decision or later, and within the goal's time. */
export const settleReached = ({ decisions }: ProfileMemory, event: string, eventTimeMs: number): readonly Settled[] =>
  settled(
    decisions.filter(({ state, goal, atMs, untilMs }) => state !== 'closed' && goal === event && atMs <= eventTimeMs && eventTimeMs <= untilMs),
    'closed',
  );

/** Marks as missed, in place, the open decisions whose goal time is over at this time. */
export const settlePast = ({ decisions }: ProfileMemory, nowMs: number): readonly Settled[] =>
  settled(
    decisions.filter((taken) => isOpen(taken) && taken.untilMs < nowMs),
    'missed',
  );

/** When the next decision is past that is open or waits for a reward; undefined where none does. */
export function nextDueMs({ decisions }: ProfileMemory): number | undefined {
  const ends = decisions.flatMap((taken) => [...(isOpen(taken) ? [taken.untilMs + 1] : []), ...(taken.awaited ? [taken.awaited.untilMs + 1] : [])]);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** True when one of the causes is a decision of this campaign about the profile. */
export const causedBy = ({ decisions }: ProfileMemory, causes: readonly string[], campaign: string): boolean =>
  decisions.some((taken) => taken.campaign === campaign && causes.includes(taken.id));

/** Lets go of the oldest decisions where there are too many, in place; answers those that had to be settled. */
export function makeRoom(memory: ProfileMemory): readonly Settled[] {
  const forgotten = memory.decisions.splice(0, Math.max(0, memory.decisions.length - DECISIONS_MAX));
  return settled(forgotten.filter(isOpen), 'missed');
}

const DECISIONS_MAX = 32;

const isOpen = ({ state }: TakenDecision): boolean => state === 'open';

function settled(decisions: readonly TakenDecision[], state: 'missed' | 'closed'): readonly Settled[] {
  return decisions.map((taken) => {
    const { campaign, arm, offer, variant, first } = taken;
    const counted = taken.state === 'missed';
    taken.state = state;
    return { campaign, arm, offer, counted, reached: state === 'closed', ...(variant !== undefined && { variant }), ...(first && { first }) };
  });
}
