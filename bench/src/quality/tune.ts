import { Blend, greatestOf } from '@attune/scoring/recommenders/blend';
import { type KnownAnswer, learnWeights, worthOf } from '@attune/scoring/recommenders/learn-weights';
import type { Recommender } from '@attune/scoring/recommenders/recommender';
import { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';
import { discounted, idealOf, type Quality, qualityOf, type Task } from './task.ts';

/** What is to be as great as can be. */
export type Aim = 'ndcg' | 'mrr' | 'recall';

/** Settings of a model by name. */
export type Settings = Readonly<Record<string, number>>;

/** Tries the values of one setting after the other, twice, from `start` on, and keeps what is best by the aim; the first of equals wins. */
export function tuned(start: Settings, grid: Readonly<Record<string, readonly number[]>>, tried: (settings: Settings) => number): Settings {
  let best = start;
  let worth = tried(start);
  for (let round = 0; round < 2; round++) {
    const before = best;
    for (const [name, values] of Object.entries(grid)) {
      for (const value of values) {
        if (best[name] === value) continue;
        const settings = { ...best, [name]: value };
        const other = tried(settings);
        if (other > worth) [best, worth] = [settings, other];
      }
    }
    if (best === before) break;
  }
  return best;
}

/** What a model reaches by the aim. */
export const aimed = (task: Task, aim: Aim, model: Recommender): number => {
  const quality: Quality = qualityOf(task, model);
  return quality[aim];
};

/** Each model names so many candidates to a blend that learns. */
const CANDIDATES = 60;
/** Weights move so many times at most. */
const ROUNDS = 8;

/** Learns what each of several models should count for the aim: once from the first alone, once from all alike, and keeps the better. */
export function learnt(task: Task, aim: Aim, models: readonly Recommender[]): readonly number[] {
  const gains = { ndcg: discounted, mrr: (rank: number) => 1 / (rank + 1), recall: () => 1 };
  const gain = (rank: number): number => (rank < task.top ? gains[aim](rank) : 0);
  const answers = answersOf(task, aim, models);
  const starts = [models.map((_, at) => (at === 0 ? 1 : 0)), models.map(() => 1)];
  const found = starts.map((start) => learnWeights(answers, { models: models.length, gain, start, rounds: ROUNDS }).map(rounded));
  const [best = []] = found.toSorted((a, b) => worthOf(answers, b, gain) - worthOf(answers, a, gain));
  return best;
}

const rounded = (weight: number): number => Math.round(weight * 1000) / 1000;

/** A blend of models by weights. */
export const blended = (itemCount: number, models: readonly Recommender[], weights: readonly number[]): Recommender =>
  new Blend(
    itemCount,
    models.map((recommender, at) => ({ recommender, weight: weights[at] ?? 0 })),
  );

function answersOf({ itemCount, questions, top }: Task, aim: Aim, models: readonly Recommender[]): readonly KnownAnswer[] {
  const sheets = models.map(() => new ScoreSheet(itemCount));
  return questions.map(({ seen, allows, right, rightCount }): KnownAnswer => {
    const named = new Set<number>();
    const scales = models.map((model, at) => {
      const sheet = sheets[at] ?? new ScoreSheet(itemCount);
      sheet.clear();
      model.score(seen, sheet);
      for (const { item } of sheet.best(CANDIDATES, allows)) named.add(item);
      return greatestOf(sheet);
    });
    const candidates = [...named].toSorted((a, b) => a - b);
    const scores = Float64Array.from(candidates.flatMap((item) => sheets.map((sheet, at) => sheet.of(item) / (scales[at] ?? 1))));
    const places = right.map((item) => candidates.indexOf(item)).filter((place) => place >= 0);
    const ideal = aim === 'ndcg' ? idealOf(Math.min(top, rightCount)) : aim === 'recall' ? rightCount : 1;
    return { scores, right: places, ideal };
  });
}
