import type { DayBasket } from '../retail-baskets.ts';
import { inOrder } from './read-rows.ts';
import type { Question, Task } from './task.ts';

/** Customers and their baskets by day, in order of time. */
export type Customers = ReadonlyMap<string, readonly DayBasket[]>;

/** The last baskets of customers, and all baskets by number of item. */
export interface BasketTask extends Task {
  readonly items: readonly string[];
  /** In order of time. */
  readonly baskets: readonly CustomerBasket[];
}

/** One basket of somebody. */
export interface CustomerBasket {
  readonly customer: string;
  readonly atMs: number;
  readonly items: readonly number[];
}

const BASKETS_MIN = 4;
const TOP = 10;

/** The protocol: of customers with at least four baskets whose last is from `fromMs` on and before `untilMs`, the last is foretold from all before; baskets from `untilMs` on are not there. */
export function basketTask(customers: Customers, fromMs: number, untilMs = Number.POSITIVE_INFINITY): BasketTask {
  const items = inOrder([...customers.values()].flat().flatMap((basket) => basket.items));
  const numbers = new Map(items.map((item, number) => [item, number]));
  const baskets = [...customers].flatMap(([customer, own]) =>
    own
      .filter(({ atMs }) => atMs < untilMs)
      .map(({ atMs, items: bought }): CustomerBasket => ({ customer, atMs, items: bought.map((item) => numbers.get(item) ?? 0) })),
  );
  const questions = [...Map.groupBy(baskets, ({ customer }) => customer).values()].flatMap((own): readonly Question[] => {
    const last = own.at(-1);
    if (last === undefined || own.length < BASKETS_MIN || last.atMs < fromMs) return [];
    const before = own.slice(0, -1);
    const seen = {
      items: before.flatMap((basket) => basket.items),
      atMs: before.flatMap((basket) => basket.items.map(() => basket.atMs)),
      // Baskets are dated by their day: what others bought on that day is not known.
      nowMs: last.atMs - 1,
    };
    return [{ seen, allows: () => true, right: last.items, rightCount: last.items.length }];
  });
  const inTime = <One>(all: readonly One[], momentOf: (one: One) => number): readonly One[] => all.toSorted((a, b) => momentOf(a) - momentOf(b));
  return { itemCount: items.length, top: TOP, items, questions: inTime(questions, ({ seen }) => seen.nowMs), baskets: inTime(baskets, ({ atMs }) => atMs) };
}
