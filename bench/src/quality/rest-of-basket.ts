import { type Basket, basketIndex, newestBaskets, recommendItems, Vocabulary } from '@attune/scoring/composition';
import { CoOccurrence } from '@attune/scoring/recommenders/co-occurrence';
import { Popularity } from '@attune/scoring/recommenders/popularity';
import type { Recommender } from '@attune/scoring/recommenders/recommender';
import { sessionIndex } from '@attune/scoring/recommenders/session-index';
import { Stan } from '@attune/scoring/recommenders/stan';
import { VmisKnn } from '@attune/scoring/recommenders/vmis-knn';
import { byBasket } from './basket-models.ts';
import { basketTask, type CustomerBasket, type Customers } from './basket-sets.ts';
import type { Row } from './parts.ts';
import { type Question, qualityOf, type Task } from './task.ts';
import { blended, learnt, type Settings } from './tune.ts';
import { written } from './written.ts';

const DAY_MS = 86_400_000;
/** The first so many items of a basket are what lies in the cart. */
const CART = 3;
const TOP = 10;
/** Weights are learnt on baskets of so many days before those that are foretold. */
const LEARNT_DAYS = 30;
const BASKET_ITEMS_MAX = 50;

/** Foretells what else comes into a basket from its first three items, the customer unknown, from baskets before `fromMs`: recall@10 of the others. There is no reference. */
export function* restOfBasketRows(customers: Customers, fromMs: number): Generator<Row> {
  const { items, baskets, itemCount } = basketTask(customers, fromMs);
  const at = (from: number, until: number): Fitted => fittedBefore(baskets, items, itemCount, from, until);
  const trial = at(fromMs - LEARNT_DAYS * DAY_MS, fromMs);
  const final = at(fromMs, fromMs + LEARNT_DAYS * DAY_MS);
  const row = (model: string, settings: Settings, recommender: Recommender): Row => {
    const { recall, ndcg, hit } = qualityOf(final.task, recommender);
    return { set: 'rest-of-basket', model, settings: written(settings), figures: { recall, NDCG: ndcg, hit }, reference: {} };
  };
  for (const [model, recommender] of final.models) yield row(model, {}, recommender);
  const weights = learnt(trial.task, 'recall', [...trial.models.values()]);
  const named = Object.fromEntries([...final.models.keys()].map((model, place) => [model, weights[place] ?? 0]));
  yield row('blend', named, blended(itemCount, [...final.models.values()], weights));
}

interface Fitted {
  readonly task: Task;
  readonly models: ReadonlyMap<string, Recommender>;
}

function fittedBefore(baskets: readonly CustomerBasket[], items: readonly string[], itemCount: number, fromMs: number, untilMs: number): Fitted {
  const before = baskets.filter(({ atMs }) => atMs < fromMs);
  const uses = byBasket(itemCount, before);
  const index = sessionIndex(uses);
  const popular = new Popularity(itemCount, 14 * DAY_MS);
  for (const { items: bought, atMs } of before) for (const item of bought) popular.advance(item, atMs);
  const asked = baskets.filter((basket) => basket.atMs >= fromMs && basket.atMs < untilMs && basket.items.length > CART);
  return {
    task: { itemCount, top: TOP, questions: asked.map(questionOf) },
    models: new Map<string, Recommender>([
      ['VMIS-kNN over baskets, m 1502, k 288', new VmisKnn(index, { sessionsMax: 1502, neighbours: 288 })],
      ['STAN over baskets', new Stan(index, { sessionsMax: 1000, neighbours: 200, placeScale: 10, dayScale: 60, nearScale: 10 })],
      ['item to item', new CoOccurrence(uses, { neighbours: 100, halfLife: Number.POSITIVE_INFINITY })],
      ['Recommend, by its context', recommendByContext(before, items, fromMs)],
      ['popular of late', popular],
    ]),
  };
}

function questionOf({ items, atMs }: CustomerBasket): Question {
  const cart = items.slice(0, CART);
  const right = items.slice(CART);
  return { seen: { items: cart, atMs: cart.map(() => atMs), nowMs: atMs }, allows: (item) => !cart.includes(item), right, rightCount: right.length };
}

function recommendByContext(before: readonly CustomerBasket[], items: readonly string[], nowMs: number): Recommender {
  const vocabulary = new Vocabulary();
  const numbers = new Map(items.map((item, number) => [item, number]));
  const all = before.map(({ atMs, items: bought }, offset): Basket => {
    const first = bought.slice(0, BASKET_ITEMS_MAX);
    return { atMs, partition: 0, offset, items: first.map((item) => vocabulary.numberOf(items[item] ?? '')) };
  });
  const index = basketIndex(newestBaskets([], all, Number.POSITIVE_INFINITY), nowMs, vocabulary);
  return {
    score: (seen, sheet) => {
      const context = Array.from(seen.items, (item) => items[item] ?? '');
      for (const { id, score } of recommendItems(index, { history: [], context, count: 60, nowMs, allows: () => true, popularToo: true }))
        sheet.add(numbers.get(id) ?? 0, score);
    },
  };
}
