import { CoOccurrence } from '@attune/scoring/recommenders/co-occurrence';
import { Content } from '@attune/scoring/recommenders/content';
import { Ease } from '@attune/scoring/recommenders/ease';
import { Popularity } from '@attune/scoring/recommenders/popularity';
import type { Recommender } from '@attune/scoring/recommenders/recommender';
import { SequenceRules } from '@attune/scoring/recommenders/sequence-rules';
import { Trending } from '@attune/scoring/recommenders/trending';
import { AsOf } from './as-of.ts';
import type { Row, SetFiles } from './parts.ts';
import { type RatingTask, ratingParts, ratingTask } from './rating-sets.ts';
import { readRows } from './read-rows.ts';
import { qualityOf } from './task.ts';
import { aimed, blended, learnt, type Settings, tuned } from './tune.ts';
import { written } from './written.ts';

/** How a set of ratings is measured. */
export interface RatingSet {
  readonly name: string;
  readonly files: SetFiles;
  readonly ratingsMin: number;
  /** What the references reached, by family. */
  readonly references: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The settings that the references found. */
  readonly easeLambda: number;
  readonly neighbours: number;
}

const DAY_MS = 86_400_000;
const HALF_LIVES = [5, 10, 20, 40, 80, Number.POSITIVE_INFINITY];

/** Measures every model on a set of ratings, by NDCG@10, and a blend of them. */
export function* ratingRows(set: RatingSet): Generator<Row> {
  const { fit, tune, test } = ratingParts(set.files);
  const shape = { ratingsMin: set.ratingsMin, groupsOf: groupsIn(set.files.users) };
  const words = wordsIn(set.files.items);
  const trial = ratingTask(fit, tune, shape);
  const final = ratingTask([...fit, ...tune], test, shape);
  const row = (model: string, family: string, settings: Settings, recommender: Recommender): Row => {
    const { ndcg, recall, hit, groups } = qualityOf(final, recommender);
    const byGroup = Object.fromEntries([...groups].map(([name, value]) => [`NDCG ${name}`, value]));
    return { set: set.name, model, settings: written(settings), figures: { NDCG: ndcg, recall, hit, ...byGroup }, reference: set.references[family] ?? {} };
  };
  yield row('popular', 'popular', {}, popular({ days: Number.POSITIVE_INFINITY })(final));
  yield row('item to item, settings of the reference', 'itemknn', { neighbours: set.neighbours }, near({ neighbours: set.neighbours })(final));
  yield row('EASE, settings of the reference', 'ease', { lambda: set.easeLambda }, ease({ lambda: set.easeLambda })(final));
  const chosen: ((task: RatingTask) => Recommender)[] = [];
  for (const { model, family, make, start, grid } of families(words)) {
    const settings = tuned(start, grid, (one) => aimed(trial, 'ndcg', make(one)(trial)));
    chosen.push(make(settings));
    yield row(model, family, settings, make(settings)(final));
  }
  const weights = learnt(
    trial,
    'ndcg',
    chosen.map((make) => make(trial)),
  );
  const finals = chosen.map((make) => make(final));
  yield row('blend', 'best', Object.fromEntries(families(words).map(({ model }, at) => [model, weights[at] ?? 0])), blended(final.itemCount, finals, weights));
}

type Make = (settings: Settings) => (task: RatingTask) => Recommender;

interface Family {
  readonly model: string;
  readonly family: string;
  readonly make: Make;
  readonly start: Settings;
  readonly grid: Readonly<Record<string, readonly number[]>>;
}

const families = (words: ReadonlyMap<string, readonly string[]>): readonly Family[] => [
  {
    model: 'EASE',
    family: 'ease',
    make: ease,
    start: { lambda: 200, dropout: 0, halfLife: 40 },
    grid: { halfLife: HALF_LIVES, lambda: [50, 100, 200, 400, 800], dropout: [0, 0.5] },
  },
  {
    model: 'item to item',
    family: 'itemknn',
    make: near,
    start: { neighbours: 200, halfLife: 20 },
    grid: { halfLife: HALF_LIVES, neighbours: [50, 200, 400] },
  },
  { model: 'sequence rules', family: '', make: rules, start: { steps: 10, halfLife: 5 }, grid: { halfLife: [0, 2, 5, 10, 20], steps: [3, 10, 30] } },
  { model: 'popular of late', family: 'popular', make: popular, start: { days: 1000 }, grid: { days: [7, 30, 300, 3000] } },
  { model: 'trending', family: 'popular', make: trending, start: { days: 7 }, grid: { days: [7, 30, 300] } },
  { model: 'content', family: '', make: content(words), start: { halfLife: 20 }, grid: { halfLife: HALF_LIVES } },
];

const INFINITE = Number.POSITIVE_INFINITY;
/** What was fitted last, so that another half-life fits nothing again. */
const fitted = new WeakMap<RatingTask, Map<string, Ease | CoOccurrence>>();

function once<Model extends Ease | CoOccurrence>(task: RatingTask, key: string, fit: () => Model): Model {
  const own = fitted.get(task) ?? new Map<string, Ease | CoOccurrence>();
  fitted.set(task, own);
  const model = (own.get(key) as Model | undefined) ?? fit();
  own.set(key, model);
  return model;
}

const ease: Make =
  ({ lambda = 400, dropout = 0, halfLife = INFINITE }) =>
  (task) =>
    once(task, `ease ${lambda} ${dropout}`, () => new Ease(task.uses, { lambda, dropout, halfLife })).withHalfLife(halfLife);

const near: Make =
  ({ neighbours = 100, halfLife = INFINITE }) =>
  (task) =>
    once(task, `near ${neighbours}`, () => new CoOccurrence(task.uses, { neighbours, halfLife })).withHalfLife(halfLife);

const rules: Make =
  ({ steps = 3, halfLife = 0 }) =>
  ({ itemCount, uses }) => {
    const model = new SequenceRules({ itemCount, steps, anyOrder: false, halfLife });
    for (const { items } of uses.sequences) model.learn(Array.from(items));
    return model;
  };

/** Without decay all counts; with it, what was used until the question. */
const popular: Make =
  ({ days = INFINITE }) =>
  ({ itemCount, uses }) => {
    const model = new Popularity(itemCount, days * DAY_MS);
    if (days !== INFINITE) return new AsOf(uses, () => new Popularity(itemCount, days * DAY_MS));
    for (const { items, atMs } of uses.sequences) for (let at = 0; at < items.length; at++) model.advance(items[at] ?? 0, atMs[at] ?? 0);
    return model;
  };

const trending: Make =
  ({ days = 7 }) =>
  ({ itemCount, uses }) =>
    new AsOf(uses, () => new Trending(itemCount, days * DAY_MS));

const content =
  (words: ReadonlyMap<string, readonly string[]>): Make =>
  ({ halfLife = INFINITE }) =>
  ({ items }) =>
    new Content(
      items.map((item) => words.get(item) ?? []),
      halfLife,
    );

/** By film: the words of its title and its genres. A title may hold commas, so it is what lies between the first cell and the last. */
export function wordsIn(file: string | undefined): ReadonlyMap<string, readonly string[]> {
  if (file === undefined) return new Map();
  return new Map(
    readRows(file, ',').map(([item = '', ...rest]) => {
      const title =
        rest
          .slice(0, -1)
          .join(' ')
          .toLowerCase()
          .match(/[\p{L}\d]+/gu) ?? [];
      return [item, [...title, ...(rest.at(-1) ?? '').split('|').map((genre) => `genre ${genre}`)]];
    }),
  );
}

/** By person: gender and age, of a table user, age, gender. */
function groupsIn(file: string | undefined): (user: string) => readonly string[] {
  if (file === undefined) return () => [];
  const groups = new Map(readRows(file, ',').map(([user = '', age, gender = '']) => [user, [gender, ageGroup(Number(age))]]));
  return (user) => groups.get(user) ?? [];
}

const ageGroup = (age: number): string => (age < 25 ? '<25' : age < 35 ? '25-34' : age < 50 ? '35-49' : '50+');
