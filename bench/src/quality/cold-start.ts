import { seededRandom } from '@attune/kernel/random';
import { CoOccurrence } from '@attune/scoring/recommenders/co-occurrence';
import { Content } from '@attune/scoring/recommenders/content';
import { Ease } from '@attune/scoring/recommenders/ease';
import { Popularity } from '@attune/scoring/recommenders/popularity';
import type { Recommender, Uses } from '@attune/scoring/recommenders/recommender';
import { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';
import { SequenceRules } from '@attune/scoring/recommenders/sequence-rules';
import type { Row, SetFiles } from './parts.ts';
import { type Rating, ratingParts } from './rating-sets.ts';
import { inOrder } from './read-rows.ts';
import { type Question, qualityOf } from './task.ts';

const [POSITIVE, TOP] = [4, 10];
/** One film in five, and one person in five, is taken for new. */
const NEW_IN = 5;
/** So many first likes of a new person are known. */
const KNOWN = [0, 1, 3, 5, 10];
const INFINITE = Number.POSITIVE_INFINITY;

/** The likes of one person, oldest first. */
interface Likes {
  readonly items: readonly number[];
  readonly atMs: readonly number[];
}

/**
 * How well new films and new persons are served, by NDCG@10. New films: no like of one film in five is known; of each person who liked some, the films before are known, and
 * new films alone are ranked. New persons: models are fitted on four persons in five, of the fifth so many first likes are known and the later ones foretold. Nothing is
 * tuned here: settings are those that the same set's own rows found. There is no reference.
 */
export function* coldStartRows(files: SetFiles, words: ReadonlyMap<string, readonly string[]>): Generator<Row> {
  const { fit, tune, test } = ratingParts(files);
  const all = [...fit, ...tune, ...test];
  const items = inOrder(new Set(all.map(({ item }) => item)));
  const persons = likesOf(all, items);
  const described = items.map((item) => words.get(item) ?? []);
  yield* newItems(persons, described);
  yield* newPersons(persons, described);
}

function likesOf(all: readonly Rating[], items: readonly string[]): readonly Likes[] {
  const numbers = new Map(items.map((item, number) => [item, number]));
  const byPerson = Map.groupBy(
    all.filter(({ rating }) => rating >= POSITIVE),
    ({ user }) => user,
  );
  return [...byPerson.values()].map((own) => {
    const inTime = own.toSorted((a, b) => a.atMs - b.atMs || Number(a.item) - Number(b.item));
    return { items: inTime.map(({ item }) => numbers.get(item) ?? 0), atMs: inTime.map(({ atMs }) => atMs) };
  });
}

function* newItems(persons: readonly Likes[], described: readonly (readonly string[])[]): Generator<Row> {
  const isNew = (item: number): boolean => item % NEW_IN === 0;
  const without = persons.map((own) => keptOf(own, (item) => !isNew(item)));
  const questions = persons.flatMap(({ items }, place): readonly Question[] => {
    const right = items.filter(isNew);
    const seen = without[place] ?? { items: [], atMs: [] };
    return right.length === 0 || seen.items.length === 0 ? [] : [questionOf(seen, right, isNew)];
  });
  for (const [model, recommender] of modelsOf({ itemCount: described.length, sequences: without }, described))
    yield row(`new films: ${model}`, described.length, questions, recommender);
}

function* newPersons(persons: readonly Likes[], described: readonly (readonly string[])[]): Generator<Row> {
  const models = modelsOf({ itemCount: described.length, sequences: persons.filter((_, place) => place % NEW_IN !== 0) }, described);
  const asked = persons.filter(({ items }, place) => place % NEW_IN === 0 && items.length > Math.max(...KNOWN));
  for (const known of KNOWN) {
    const questions = asked.map(({ items, atMs }) => {
      const seen = { items: items.slice(0, known), atMs: atMs.slice(0, known) };
      return questionOf(seen, items.slice(known), (item) => !seen.items.includes(item));
    });
    for (const [model, recommender] of models) yield row(`new persons, ${known} known: ${model}`, described.length, questions, recommender);
  }
}

const keptOf = ({ items, atMs }: Likes, keeps: (item: number) => boolean): Likes => ({
  items: items.filter(keeps),
  atMs: atMs.filter((_, at) => keeps(items[at] ?? 0)),
});

const questionOf = (seen: Likes, right: readonly number[], allows: (item: number) => boolean): Question => ({
  seen: { ...seen, nowMs: seen.atMs.at(-1) ?? 0 },
  allows,
  right,
  rightCount: right.length,
});

function modelsOf(uses: Uses, described: readonly (readonly string[])[]): ReadonlyMap<string, Recommender> {
  const popular = new Popularity(uses.itemCount, INFINITE);
  const rules = new SequenceRules({ itemCount: uses.itemCount, steps: 10, anyOrder: false, halfLife: 5 });
  for (const { items, atMs } of uses.sequences) {
    rules.learn(Array.from(items));
    for (let at = 0; at < items.length; at++) popular.advance(items[at] ?? 0, atMs[at] ?? 0);
  }
  return new Map<string, Recommender>([
    ['popular', popular],
    ['item to item', new CoOccurrence(uses, { neighbours: 200, halfLife: 10 })],
    ['EASE', new Ease(uses, { lambda: 400, dropout: 0.5, halfLife: 10 })],
    ['sequence rules', rules],
    ['content', new Content(described, 20)],
    ['by chance', byChance(uses.itemCount)],
  ]);
}

/** Each answer in another order, the same each time. */
function byChance(itemCount: number): Recommender {
  const random = seededRandom('by chance');
  return {
    score: (_seen, sheet) => {
      for (let item = 0; item < itemCount; item++) sheet.add(item, random());
    },
  };
}

/** Only what a model really says: a score of 0 for all that it knows nothing of would rank films by their number, and those of small number are older and liked by more. */
const spoken = (itemCount: number, recommender: Recommender): Recommender => {
  const own = new ScoreSheet(itemCount);
  return {
    score: (seen, sheet) => {
      own.clear();
      recommender.score(seen, own);
      for (const item of own.touched) if (Math.abs(own.of(item)) > 1e-12) sheet.add(item, own.of(item));
    },
  };
};

function row(model: string, itemCount: number, questions: readonly Question[], recommender: Recommender): Row {
  const { ndcg, recall, hit } = qualityOf({ itemCount, questions, top: TOP }, spoken(itemCount, recommender));
  return { set: 'cold-start', model, settings: '', figures: { NDCG: ndcg, recall, hit }, reference: {} };
}
