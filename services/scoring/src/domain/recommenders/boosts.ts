import type { BasketIndex } from '../basket-index.ts';
import type { ShopItem } from '../item-filter.ts';

/** Items of which all of this holds count so many times their score. */
export interface Boost {
  /** A path that the item's begins with. */
  readonly category?: readonly string[] | undefined;
  readonly seller?: string | undefined;
  readonly tag?: string | undefined;
  readonly times: number;
}

/** What changes the scores of items for one answer. */
export interface ScoreChanges {
  readonly boosts: readonly Boost[];
  /** Items of which the customer wants less: what is like them counts less. */
  readonly lessOf: readonly string[];
  readonly itemOf: (id: string) => ShopItem | undefined;
  readonly index: BasketIndex;
}

/** What is of the same narrowest category as an item of which less is wanted, or always bought together with it, counts a quarter. */
const LEFT_OF_LIKE = 0.25;

/** How many times its score an item has; undefined where nothing changes any. */
export function timesOf({ boosts, lessOf, itemOf, index }: ScoreChanges): ((id: string) => number) | undefined {
  if (boosts.length === 0 && lessOf.length === 0) return undefined;
  const near = nearnessTo(lessOf, index);
  const categories = new Set(lessOf.map((id) => itemOf(id)?.category.join('/') ?? '').filter((path) => path !== ''));
  return (id) => {
    const item = itemOf(id);
    const boosted = boosts.reduce((times, boost) => (holds(boost, item) ? times * boost.times : times), 1);
    const like = categories.has(item?.category.join('/') ?? '') ? 1 : (near.get(id) ?? 0);
    return boosted * (1 - (1 - LEFT_OF_LIKE) * like);
  };
}

const holds = ({ category = [], seller, tag }: Boost, item: ShopItem | undefined): boolean =>
  category.every((word, at) => item?.category[at] === word) &&
  (seller === undefined || item?.seller === seller) &&
  (tag === undefined || item?.tags.includes(tag) === true);

/** How near items are to any of these, from 0 to 1. */
function nearnessTo(ids: readonly string[], index: BasketIndex): ReadonlyMap<string, number> {
  const nearest = new Map<string, number>();
  for (const id of ids) {
    const number = index.find(id);
    if (number === undefined) continue;
    const { items, nearness } = index.nearTo(number);
    for (let at = 0; at < items.length; at++) {
      const other = index.vocabulary.textOf(items[at] as number);
      nearest.set(other, Math.max(nearest.get(other) ?? 0, Math.min(1, nearness[at] as number)));
    }
  }
  return nearest;
}
