import { type Basket, type BasketIndex, type BasketSet, basketIndex, newestBaskets, recommendItems, Vocabulary } from '@attune/scoring/composition';
import type { Env } from './measure.ts';
import { type DayBasket, retailBaskets } from './retail-baskets.ts';

const DAY_MS = 86_400_000;
const TOP = 10;
const BASKETS_MIN = 4;
const BASKET_ITEMS_MAX = 50;
const HALF_LIFE_DAYS = 180;

/** One basket to be foretold, and what the customer bought before. */
interface Target {
  readonly basket: DayBasket;
  readonly before: readonly DayBasket[];
}

/**
 * Foretells the last basket of every customer who has at least four and bought since `BENCH_FROM`, from what anybody bought on days before it: nothing of its own day
 * or later is known. Prints recall, NDCG and hits at ten for what is popular, what the customer bought most, and what `Recommend` answers.
 */
export async function nextBasket(env: Env): Promise<void> {
  const file = env['BENCH_RETAIL'] ?? '../shared/data/online-retail/transactions.csv.gz';
  const customers = retailBaskets(file);
  if (customers === undefined) {
    console.error(`next-basket: SKIPPED, ${file} is not there. Name the invoice lines of UCI Online Retail II in BENCH_RETAIL.`);
    process.exitCode = 1;
    return;
  }
  const fromMs = Date.parse(env['BENCH_FROM'] ?? '2010-06-01');
  const targets = targetsIn(customers, fromMs);
  const tallies = {
    popular: new Tally(),
    'bought most': new Tally(),
    Recommend: new Tally(),
    'Recommend, without what was bought within 30 days': new Tally(),
    'Recommend, only what is new': new Tally(),
  };
  for (const { index, asOf } of indexesBefore(customers, targets)) {
    for (const target of asOf) {
      tallies.popular.add(target, index.popular.map((item) => index.vocabulary.textOf(item)).slice(0, TOP));
      tallies['bought most'].add(target, mostBought(target));
      tallies.Recommend.add(target, answer(index, target, new Set()));
      tallies['Recommend, without what was bought within 30 days'].add(target, answer(index, target, boughtWithin(target, 30)));
      tallies['Recommend, only what is new'].add(target, answer(index, target, boughtWithin(target, Number.POSITIVE_INFINITY)));
    }
  }
  console.log(`next basket of ${targets.length} customers from ${new Date(fromMs).toISOString().slice(0, 10)} on, top ${TOP}:`);
  for (const [name, tally] of Object.entries(tallies)) console.log(`  ${name.padEnd(50)} ${tally.report()}`);
}

function targetsIn(customers: ReadonlyMap<string, readonly DayBasket[]>, fromMs: number): readonly Target[] {
  return [...customers.values()].flatMap((baskets) => {
    const basket = baskets.at(-1);
    return basket === undefined || baskets.length < BASKETS_MIN || basket.atMs < fromMs ? [] : [{ basket, before: baskets.slice(0, -1) }];
  });
}

/** For each day that something is to be foretold of: the index of all days before. */
function* indexesBefore(
  customers: ReadonlyMap<string, readonly DayBasket[]>,
  targets: readonly Target[],
): Generator<{ readonly index: BasketIndex; readonly asOf: readonly Target[] }> {
  const vocabulary = new Vocabulary();
  const all = [...customers.values()].flat().toSorted((a, b) => a.atMs - b.atMs);
  const baskets = all.map(({ atMs, items }, offset): Basket => {
    const first = items.slice(0, BASKET_ITEMS_MAX);
    return { atMs, partition: 0, offset, items: first.map((item) => vocabulary.numberOf(item)) };
  });
  let known: BasketSet = [];
  let next = 0;
  for (const [day, asOf] of [...Map.groupBy(targets, ({ basket }) => basket.atMs)].toSorted(([a], [b]) => a - b)) {
    const end = baskets.findIndex(({ atMs }, i) => i >= next && atMs >= day);
    known = newestBaskets(known, baskets.slice(next, end), Number.POSITIVE_INFINITY);
    next = end;
    yield { index: basketIndex(known, day, vocabulary), asOf };
  }
}

/** What the customer bought most, each purchase counting half after 180 days. */
function mostBought({ before, basket }: Target): readonly string[] {
  const weights = new Map<string, number>();
  for (const { atMs, items } of before)
    for (const item of items) weights.set(item, (weights.get(item) ?? 0) + 2 ** (-(basket.atMs - atMs) / DAY_MS / HALF_LIFE_DAYS));
  return [...weights]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, TOP)
    .map(([item]) => item);
}

function answer(index: BasketIndex, { before, basket }: Target, without: ReadonlySet<string>): readonly string[] {
  const uses = new Map<string, number[]>();
  for (const { atMs, items } of before.toReversed()) for (const item of items) uses.set(item, [...(uses.get(item) ?? []), atMs]);
  const history = [...uses].map(([id, atMs]) => ({ id, atMs }));
  const question = { history, context: [], count: TOP, nowMs: basket.atMs, allows: (id: string) => !without.has(id), popularToo: true };
  return recommendItems(index, question).map(({ id }) => id);
}

const boughtWithin = ({ before, basket }: Target, days: number): ReadonlySet<string> =>
  new Set(before.flatMap(({ atMs, items }) => (basket.atMs - atMs <= days * DAY_MS ? items : [])));

/** Sums what was hit. */
class Tally {
  #targets = 0;
  #recall = 0;
  #ndcg = 0;
  #hits = 0;

  add({ basket }: Target, told: readonly string[]): void {
    const wanted = new Set(basket.items);
    const gains = told.map((id, rank) => (wanted.has(id) ? 1 / Math.log2(rank + 2) : 0));
    const ideal = Array.from({ length: Math.min(TOP, wanted.size) }, (_, rank) => 1 / Math.log2(rank + 2));
    this.#targets++;
    this.#recall += gains.filter((gain) => gain > 0).length / wanted.size;
    this.#ndcg += sum(gains) / sum(ideal);
    this.#hits += gains.some((gain) => gain > 0) ? 1 : 0;
  }

  report(): string {
    const mean = (total: number): string => (total / this.#targets).toFixed(4);
    return `recall ${mean(this.#recall)}  NDCG ${mean(this.#ndcg)}  hit ${mean(this.#hits)}`;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
