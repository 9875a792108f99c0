import { seededRandom } from '@attune/kernel/random';
import type { Recommender, Seen, Uses } from './recommender.ts';
import { ScoreSheet } from './score-sheet.ts';

/** Items of the small worlds that models are held to their oracles in. */
export const ITEMS = 8;
const DAY_MS = 86_400_000;
/** The moment of all questions: after everything. */
export const NOW_MS = 40 * DAY_MS;

/** What some customers used, and what one of them asks. */
export interface World {
  readonly uses: Uses;
  readonly seen: Seen;
}

/** A small world drawn by chance: the same number, the same world. */
export function worldOf(seed: number): World {
  const random = seededRandom(`world ${seed}`);
  const below = (count: number): number => Math.floor(random() * count);
  const sequence = () => {
    const days = upTo(1 + below(12)).map(() => below(40) * DAY_MS);
    return { items: days.map(() => below(ITEMS)), atMs: days.toSorted((a, b) => a - b) };
  };
  return { uses: { itemCount: ITEMS, sequences: upTo(1 + below(15)).map(sequence) }, seen: { ...sequence(), nowMs: NOW_MS } };
}

/** What a model says, by item; undefined where it says nothing. */
export function scoresOf(recommender: Recommender, seen: Seen, itemCount = ITEMS): readonly (number | undefined)[] {
  const sheet = new ScoreSheet(itemCount);
  recommender.score(seen, sheet);
  return Array.from({ length: itemCount }, (_, item) => (sheet.has(item) ? sheet.of(item) : undefined));
}

/** True where both say the same up to rounding, and nothing counts as 0. */
export const alike = (a: readonly (number | undefined)[], b: readonly (number | undefined)[]): boolean =>
  a.length === b.length && a.every((value = 0, at) => Math.abs(value - (b[at] ?? 0)) <= 1e-9 * Math.max(1, Math.abs(value)));

/** The distinct items, each at its last use, newest first. */
export const newestDistinct = (items: ArrayLike<number>): readonly number[] => [...new Set(Array.from(items).toReversed())];

/** Runs from 0 to below `count`. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
