import type { Uses } from '@attune/scoring/recommenders/recommender';
import { type Parts, partsOf, type SetFiles } from './parts.ts';
import { inOrder, readRows } from './read-rows.ts';
import type { Question, Task } from './task.ts';

/** One session: what was clicked and when, in order. */
export interface Session {
  readonly id: string;
  readonly items: readonly string[];
  readonly atMs: readonly number[];
}

/** Sessions that models learn from, and all next clicks of others. */
export interface SessionTask extends Task {
  readonly uses: Uses;
}

const TOP = 20;
const TUNE_SHARE = 0.2;

/** Reads a set: SessionId, ItemId, Time in s, split by tabs. */
export const sessionParts = (files: SetFiles): Parts<Session> => partsOf(files, readSessions, latestOfAll);

/** Sessions of a file, sorted as the protocol says: by session, time, place in the file. */
export function readSessions(file: string): readonly Session[] {
  const clicks = readRows(file, '\t').map(([id = '', item = '', time]) => ({ id, item, atMs: Number(time) * 1_000 }));
  const byId = Map.groupBy(clicks, ({ id }) => id);
  return inOrder(byId.keys()).map((id) => {
    const own = (byId.get(id) ?? []).toSorted((a, b) => a.atMs - b.atMs);
    return { id, items: own.map(({ item }) => item), atMs: own.map(({ atMs }) => atMs) };
  });
}

/** The sessions that ended last. */
function latestOfAll(all: readonly Session[]): readonly [readonly Session[], readonly Session[]] {
  const sorted = all.toSorted((a, b) => (a.atMs.at(-1) ?? 0) - (b.atMs.at(-1) ?? 0));
  const cut = Math.floor((1 - TUNE_SHARE) * sorted.length);
  const late = new Set(sorted.slice(cut));
  return [all.filter((session) => !late.has(session)), all.filter((session) => late.has(session))];
}

/** The protocol: at every place from the second on the item there is foretold from those before it; one that models do not know counts as missed. At most `questionsMax`, the first. */
export function sessionTask(before: readonly Session[], after: readonly Session[], questionsMax = Number.POSITIVE_INFINITY): SessionTask {
  const items = inOrder(before.flatMap((session) => session.items));
  const numbers = new Map(items.map((item, number) => [item, number]));
  const unknown = new Map<string, number>();
  const numberOf = (item: string): number => {
    const number = numbers.get(item) ?? unknown.get(item) ?? items.length + unknown.size;
    if (number >= items.length) unknown.set(item, number);
    return number;
  };
  const sequences = before.map((session) => ({ items: session.items.map(numberOf), atMs: session.atMs }));
  const questions: Question[] = [];
  for (const session of after) {
    const used = session.items.map(numberOf);
    for (let place = 1; place < used.length && questions.length < questionsMax; place++) {
      const next = used[place] ?? 0;
      const seen = { items: used.slice(0, place), atMs: session.atMs.slice(0, place), nowMs: session.atMs[place - 1] ?? 0 };
      questions.push({ seen, allows: () => true, right: next < items.length ? [next] : [], rightCount: 1 });
    }
  }
  // In the order of time, so that what is popular at each moment is counted once.
  const inTime = questions.toSorted((a, b) => a.seen.nowMs - b.seen.nowMs);
  return { itemCount: items.length, questions: inTime, top: TOP, uses: { itemCount: items.length, sequences } };
}
