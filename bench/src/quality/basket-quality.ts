import { CoOccurrence } from '@attune/scoring/recommenders/co-occurrence';
import { Popularity } from '@attune/scoring/recommenders/popularity';
import type { Recommender } from '@attune/scoring/recommenders/recommender';
import { RepeatPurchase } from '@attune/scoring/recommenders/repeat-purchase';
import { AsOf } from './as-of.ts';
import { byBasket, byCustomer, FittedBefore, RecommendBefore } from './basket-models.ts';
import { type BasketTask, basketTask, type Customers } from './basket-sets.ts';
import type { Row } from './parts.ts';
import { qualityOf } from './task.ts';
import { aimed, blended, learnt, type Settings, tuned } from './tune.ts';
import { written } from './written.ts';

/** How next baskets are measured. */
export interface BasketSetting {
  readonly name: string;
  readonly customers: Customers;
  /** The first day of what is foretold; settings are found on what lies before. */
  readonly fromMs: number;
  readonly references: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const DAY_MS = 86_400_000;
/** Settings are tried on customers whose last basket before `fromMs` lies within so many days of it. */
const TRIED_DAYS = 120;

/** Foretells last baskets by every model, by recall@10, and by a blend. */
export function* basketRows({ name, customers, fromMs, references }: BasketSetting): Generator<Row> {
  const trial = basketTask(customers, fromMs - TRIED_DAYS * DAY_MS, fromMs);
  const final = basketTask(customers, fromMs);
  const row = (model: string, family: string, settings: Settings, recommender: Recommender): Row => {
    const { recall, ndcg, hit } = qualityOf(final, recommender);
    return { set: name, model, settings: written(settings), figures: { recall, NDCG: ndcg, hit }, reference: references[family] ?? {} };
  };
  yield row('popular', 'popular', {}, popular({})(final));
  yield row('what was bought most, settings of the reference', 'personal', { days: 180 }, repeat({ days: 180 })(final));
  const chosen: ((task: BasketTask) => Recommender)[] = [];
  for (const { model, family, make, start, grid } of FAMILIES) {
    const settings = tuned(start, grid, (one) => aimed(trial, 'recall', make(one)(trial)));
    chosen.push(make(settings));
    yield row(model, family, settings, make(settings)(final));
  }
  const weights = learnt(
    trial,
    'recall',
    chosen.map((make) => make(trial)),
  );
  const named = Object.fromEntries(FAMILIES.map(({ model }, at) => [model, weights[at] ?? 0]));
  const finals = chosen.map((make) => make(final));
  yield row('blend', 'best', named, blended(final.itemCount, finals, weights));
}

type Make = (settings: Settings) => (task: BasketTask) => Recommender;

const popular: Make =
  ({ days = Number.POSITIVE_INFINITY }) =>
  ({ itemCount, baskets }) =>
    new AsOf(byBasketWhole(itemCount, baskets), () => new Popularity(itemCount, days * DAY_MS));

const byBasketWhole = (itemCount: number, baskets: BasketTask['baskets']) => ({
  itemCount,
  sequences: baskets.map(({ items, atMs }) => ({ items, atMs: items.map(() => atMs) })),
});

const repeat: Make =
  ({ days = 180, dueShare = 0, repeatPower = 0 }) =>
  (task) =>
    new FittedBefore(task, (baskets) => new RepeatPurchase(byCustomer(task.itemCount, baskets), { halfLifeDays: days, dueShare, repeatPower }));

const near: Make =
  ({ neighbours = 50, halfLife = Number.POSITIVE_INFINITY }) =>
  (task) =>
    new FittedBefore(task, (baskets) => new CoOccurrence(byBasket(task.itemCount, baskets), { neighbours, halfLife }));

const FAMILIES: readonly {
  readonly model: string;
  readonly family: string;
  readonly make: Make;
  readonly start: Settings;
  readonly grid: Record<string, readonly number[]>;
}[] = [
  { model: 'Recommend', family: 'personal', make: () => (task) => new RecommendBefore(task), start: {}, grid: {} },
  {
    model: 'repeat purchase',
    family: 'personal',
    make: repeat,
    start: { days: 180, dueShare: 0, repeatPower: 0 },
    grid: { days: [60, 90, 180, 365], dueShare: [0, 0.3, 0.6], repeatPower: [0, 0.5, 1, 2] },
  },
  { model: 'item to item', family: 'itemknn', make: near, start: { neighbours: 50, halfLife: 80 }, grid: {} },
  { model: 'popular of late', family: 'popular', make: popular, start: { days: 14 }, grid: { days: [7, 14, 30] } },
];
