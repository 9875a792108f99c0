import { type Basket, type BasketIndex, type BasketSet, basketIndex, newestBaskets, recommendItems, Vocabulary } from '@attune/scoring/composition';
import type { Recommender, Seen, Uses } from '@attune/scoring/recommenders/recommender';
import type { ScoreSheet } from '@attune/scoring/recommenders/score-sheet';
import type { BasketTask, CustomerBasket } from './basket-sets.ts';

const DAY_MS = 86_400_000;
/** A model that is fitted on all before is fitted anew after so long. */
const FIT_EVERY_MS = 14 * DAY_MS;
const BASKET_ITEMS_MAX = 50;
const NAMED = 60;

/** Asks a model that is fitted on what was bought before, never on what came later. Questions in the order of time. */
export class FittedBefore implements Recommender {
  readonly #task: BasketTask;
  readonly #fit: (baskets: readonly CustomerBasket[]) => Recommender;
  #model: Recommender | undefined;
  #fittedMs = Number.POSITIVE_INFINITY;

  constructor(task: BasketTask, fit: (baskets: readonly CustomerBasket[]) => Recommender) {
    this.#task = task;
    this.#fit = fit;
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    if (this.#model === undefined || seen.nowMs < this.#fittedMs || seen.nowMs - this.#fittedMs > FIT_EVERY_MS) {
      this.#fittedMs = seen.nowMs;
      this.#model = this.#fit(this.#task.baskets.filter(({ atMs }) => atMs <= seen.nowMs));
    }
    this.#model.score(seen, sheet);
  }
}

/** Each basket as a sequence: what is bought together. */
export const byBasket = (itemCount: number, baskets: readonly CustomerBasket[]): Uses => ({
  itemCount,
  sequences: baskets.map(({ items, atMs }) => ({ items: items.slice(0, BASKET_ITEMS_MAX), atMs: items.map(() => atMs) })),
});

/** Each customer as a sequence: what comes again. */
export const byCustomer = (itemCount: number, baskets: readonly CustomerBasket[]): Uses => ({
  itemCount,
  sequences: [...Map.groupBy(baskets, ({ customer }) => customer).values()].map((own) => ({
    items: own.flatMap(({ items }) => items),
    atMs: own.flatMap(({ items, atMs }) => items.map(() => atMs)),
  })),
});

/** What `Recommend` answers, from an index of each day before. Questions in the order of time. */
export class RecommendBefore implements Recommender {
  readonly #items: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #baskets: readonly Basket[];
  readonly #vocabulary = new Vocabulary();
  #known: BasketSet = [];
  #next = 0;
  #index: BasketIndex | undefined;
  #asOfMs = Number.NEGATIVE_INFINITY;

  constructor({ items, baskets }: BasketTask) {
    this.#items = items;
    this.#numbers = new Map(items.map((item, number) => [item, number]));
    this.#baskets = baskets.map(({ atMs, items: bought }, offset) => {
      const first = bought.slice(0, BASKET_ITEMS_MAX).map((item) => this.#vocabulary.numberOf(items[item] ?? ''));
      return { atMs, partition: 0, offset, items: first };
    });
  }

  score({ items, atMs, nowMs }: Seen, sheet: ScoreSheet): void {
    const uses = new Map<string, number[]>();
    for (let at = items.length - 1; at >= 0; at--) {
      const id = this.#items[items[at] ?? 0] ?? '';
      uses.set(id, [...(uses.get(id) ?? []), atMs[at] ?? 0]);
    }
    const history = [...uses].map(([id, own]) => ({ id, atMs: own }));
    const question = { history, context: [], count: NAMED, nowMs: nowMs + 1, allows: () => true, popularToo: true };
    for (const { id, score } of recommendItems(this.#indexOf(nowMs), question)) sheet.add(this.#numbers.get(id) ?? 0, score);
  }

  #indexOf(nowMs: number): BasketIndex {
    if (this.#index !== undefined && nowMs === this.#asOfMs) return this.#index;
    if (nowMs < this.#asOfMs) [this.#known, this.#next] = [[], 0];
    const end = this.#baskets.findIndex(({ atMs }, at) => at >= this.#next && atMs > nowMs);
    const until = end < 0 ? this.#baskets.length : end;
    this.#known = newestBaskets(this.#known, this.#baskets.slice(this.#next, until), Number.POSITIVE_INFINITY);
    [this.#next, this.#asOfMs] = [until, nowMs];
    this.#index = basketIndex(this.#known, nowMs + 1, this.#vocabulary);
    return this.#index;
  }
}
