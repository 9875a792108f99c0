import { type GoalEvent, makeRoom, type ProfileMemory, type Settled, settleReached, type TakenDecision } from './profile-memory.ts';

/** The decisions about a visitor, on their way to the customer that the visitor became. */
export interface MovedDecisions {
  /** Of the change that told of the merge. */
  readonly id: string;
  readonly decisions: readonly TakenDecision[];
}

const RECENT_MAX = 4;
const MOVED_MAX = 64;

/** Notes an event that goals wait for, in place. */
export function noteGoalEvent(memory: ProfileMemory, happened: GoalEvent): void {
  const recent = [...(memory.recent ?? []), happened].toSorted((a, b) => a.atMs - b.atMs || (a.event < b.event ? -1 : 1));
  memory.recent = recent.slice(-RECENT_MAX);
}

/** Takes all decisions out of the memory, in place: they are remembered in one place only. */
export const takeDecisions = ({ decisions }: ProfileMemory): readonly TakenDecision[] => decisions.splice(0);

/**
 * Remembers decisions that were taken about a visitor, in place, once for each merge. Answers what that settles: those whose goal the customer has reached
 * already, and those that had to go to make room.
 */
export function installDecisions(memory: ProfileMemory, moved: MovedDecisions): readonly Settled[] {
  if (memory.moved?.includes(moved.id)) return [];
  memory.moved = [...(memory.moved ?? []), moved.id].slice(-MOVED_MAX);
  const known = new Set(memory.decisions.map(({ id }) => id));
  const all = [...memory.decisions, ...moved.decisions.filter(({ id }) => !known.has(id)).map((taken) => ({ ...taken }))];
  memory.decisions = all.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const reached = (memory.recent ?? []).flatMap(({ event, atMs }) => settleReached(memory, event, atMs));
  return [...reached, ...makeRoom(memory)];
}
