import type { Recommender, Seen } from '@attune/scoring/recommenders/recommender';
import { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';

/** Something to be foretold, and what came. */
export interface Question {
  readonly seen: Seen;
  readonly allows: (item: number) => boolean;
  /** What came, of the catalogue. */
  readonly right: readonly number[];
  /** How many came, also what is in no catalogue. */
  readonly rightCount: number;
  /** Which customers it is of, for figures by group. */
  readonly groups?: readonly string[];
}

/** What models are measured on. */
export interface Task {
  readonly itemCount: number;
  readonly questions: readonly Question[];
  /** Length of a list. */
  readonly top: number;
}

/** Means over questions. */
export interface Quality {
  readonly ndcg: number;
  readonly recall: number;
  readonly hit: number;
  readonly mrr: number;
  /** Mean NDCG by group. */
  readonly groups: ReadonlyMap<string, number>;
  readonly msEach: number;
}

/** Asks a model everything. */
export function qualityOf({ itemCount, questions, top }: Task, model: Recommender): Quality {
  const sheet = new ScoreSheet(itemCount);
  const sums = { ndcg: 0, recall: 0, hit: 0, mrr: 0 };
  const groups = new Map<string, number[]>();
  const startedMs = performance.now();
  for (const { seen, allows, right, rightCount, groups: of = [] } of questions) {
    sheet.clear();
    model.score(seen, sheet);
    const wanted = new Set(right);
    const ranks = sheet.best(top, allows).flatMap(({ item }, rank) => (wanted.has(item) ? [rank] : []));
    const ndcg = ranks.reduce((sum, rank) => sum + discounted(rank), 0) / idealOf(Math.min(top, rightCount));
    sums.ndcg += ndcg;
    sums.recall += ranks.length / rightCount;
    sums.hit += ranks.length > 0 ? 1 : 0;
    sums.mrr += ranks[0] === undefined ? 0 : 1 / (ranks[0] + 1);
    for (const group of of) groups.set(group, [...(groups.get(group) ?? []), ndcg]);
  }
  const n = questions.length || Number.NaN;
  return {
    ndcg: sums.ndcg / n,
    recall: sums.recall / n,
    hit: sums.hit / n,
    mrr: sums.mrr / n,
    groups: new Map([...groups].map(([name, all]) => [name, all.reduce((sum, one) => sum + one, 0) / all.length])),
    msEach: (performance.now() - startedMs) / n,
  };
}

/** What a right item is worth at a rank from 0. */
export const discounted = (rank: number): number => 1 / Math.log2(rank + 2);

/** What so many right items are worth at best. */
export function idealOf(count: number): number {
  let ideal = 0;
  for (let rank = 0; rank < count; rank++) ideal += discounted(rank);
  return ideal;
}
