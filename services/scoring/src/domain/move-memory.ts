import { enters, type GoalEvent, makeRoom, type ProfileMemory, type Settled, settleReached, type TakenDecision } from './profile-memory.ts';

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

/** What decisions that were taken about a visitor settle, and those by which the customer is counted in their campaigns from here on. */
export interface Installed {
  readonly settled: readonly Settled[];
  readonly joined: readonly TakenDecision[];
}

/**
 * Remembers decisions that were taken about a visitor, in place, once for each merge. That settles those whose goal the customer has reached
 * already, and those that had to go to make room. A customer who is counted in a campaign stays counted as before.
 */
export function installDecisions(memory: ProfileMemory, moved: MovedDecisions): Installed {
  if (!isFirst(memory, moved)) return { settled: [], joined: [] };
  const known = new Set(memory.decisions.map(({ id }) => id));
  const come = moved.decisions.filter(({ id }) => !known.has(id)).map((taken) => asKnown(memory, taken));
  const joined = come.filter(({ first }) => first).map((taken) => ({ ...taken }));
  const all = [...memory.decisions, ...come];
  memory.decisions = all.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const reached = (memory.recent ?? []).flatMap(({ event, atMs }) => settleReached(memory, event, atMs));
  return { settled: [...reached, ...makeRoom(memory)], joined };
}

/** What an application asked for comes one by one, and must not make merges forgotten. */
function isFirst(memory: ProfileMemory, { id, decisions }: MovedDecisions): boolean {
  const name = decisions.every(({ askedFor }) => askedFor) ? 'asked' : 'moved';
  const known = memory[name] ?? [];
  if (known.includes(id)) return false;
  memory[name] = [...known, id].slice(-MOVED_MAX);
  return true;
}

/** The first decision about the visitor is the first about the customer only where the customer had none in its campaign. */
function asKnown(memory: ProfileMemory, { first, ...taken }: TakenDecision): TakenDecision {
  return first && enters(memory, taken.campaign) ? { ...taken, first } : taken;
}
