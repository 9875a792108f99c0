import type { Uses } from '@attune/scoring/recommenders/recommender';
import { type Parts, partsOf, type SetFiles } from './parts.ts';
import { inOrder, readRows } from './read-rows.ts';
import type { Question, Task } from './task.ts';

/** One rating of one film. */
export interface Rating {
  readonly user: string;
  readonly item: string;
  readonly rating: number;
  readonly atMs: number;
}

/** What is known before, what came after, and the films by number. */
export interface RatingTask extends Task {
  readonly uses: Uses;
  readonly items: readonly string[];
}

const POSITIVE = 4;
const TOP = 10;
const TUNE_SHARE = 0.1;

/** Reads a set: user, item, rating, ts in s. */
export const ratingParts = (files: SetFiles): Parts<Rating> => partsOf(files, readRatings, lastOfEach);

const readRatings = (file: string): readonly Rating[] =>
  readRows(file, ',').map(([user = '', item = '', rating, ts]) => ({ user, item, rating: Number(rating), atMs: Number(ts) * 1_000 }));

/** The split rule of the sets again: of each person the last tenth, at least one. */
function lastOfEach(all: readonly Rating[]): readonly [readonly Rating[], readonly Rating[]] {
  const persons = [...Map.groupBy(all, ({ user }) => user).values()].map(inTime);
  const cut = (own: readonly Rating[]): number => own.length - Math.max(1, Math.floor(TUNE_SHARE * own.length));
  return [persons.flatMap((own) => own.slice(0, cut(own))), persons.flatMap((own) => own.slice(cut(own)))];
}

const inTime = (own: readonly Rating[]): readonly Rating[] => own.toSorted((a, b) => a.atMs - b.atMs || Number(a.item) - Number(b.item));

/**
 * The protocol: rating 4 and more is what counts; candidates are all rated films less what the person rated before; persons with something that counts before and after
 * are asked. `ratingsMin`: films with fewer ratings before are left out of all. `groupsOf`: the groups that a person is in.
 */
export function ratingTask(
  before: readonly Rating[],
  after: readonly Rating[],
  { ratingsMin, groupsOf }: { readonly ratingsMin: number; readonly groupsOf: (user: string) => readonly string[] },
): RatingTask {
  const often = new Set([...Map.groupBy(before, ({ item }) => item)].filter(([, all]) => all.length >= ratingsMin).map(([item]) => item));
  const items = inOrder(often);
  const numbers = new Map(items.map((item, number) => [item, number]));
  const rated = Map.groupBy(
    before.filter(({ item }) => often.has(item)),
    ({ user }) => user,
  );
  const liked = new Map([...rated].map(([user, own]) => [user, inTime(own.filter(({ rating }) => rating >= POSITIVE))]));
  const sequences = [...liked.values()].map((own) => ({ items: own.map(({ item }) => numbers.get(item) ?? 0), atMs: own.map(({ atMs }) => atMs) }));
  const wanted = Map.groupBy(
    after.filter(({ rating, item }) => rating >= POSITIVE && (ratingsMin <= 1 || often.has(item))),
    ({ user }) => user,
  );
  const questions = [...liked].flatMap(([user, own]): readonly Question[] => {
    const right = wanted.get(user) ?? [];
    const last = own.at(-1);
    if (last === undefined || right.length === 0) return [];
    const known = new Set((rated.get(user) ?? []).map(({ item }) => numbers.get(item)));
    const seen = { items: own.map(({ item }) => numbers.get(item) ?? 0), atMs: own.map(({ atMs }) => atMs), nowMs: last.atMs };
    const found = right.flatMap(({ item }) => numbers.get(item) ?? []);
    return [{ seen, allows: (item) => !known.has(item), right: found, rightCount: right.length, groups: groupsOf(user) }];
  });
  // In the order of time, so that what is popular at each moment is counted once.
  return {
    itemCount: items.length,
    questions: questions.toSorted((a, b) => a.seen.nowMs - b.seen.nowMs),
    top: TOP,
    uses: { itemCount: items.length, sequences },
    items,
  };
}
