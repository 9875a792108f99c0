/** What is known of an item of the shop. */
export interface ShopItem {
  readonly title: string;
  /** From the widest to the narrowest. */
  readonly category: readonly string[];
  readonly price?: { readonly minor: bigint; readonly currency: string };
  readonly available: boolean;
  /** Empty = the shop itself. */
  readonly seller: string;
  readonly tags: readonly string[];
}

/** An amount of money in minor units. */
interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

/** Which items may be recommended. */
export interface ItemWishes {
  /** True: nothing that is known to be out of stock. An item that nobody published counts as available. */
  readonly outOfStock: boolean;
  /** A path that the item's begins with; empty = any. */
  readonly category: readonly string[];
  /** Empty = any. */
  readonly seller: string;
  readonly priceMin?: Amount | undefined;
  readonly priceMax?: Amount | undefined;
  readonly exclude: ReadonlySet<string>;
}

/** Whether an item may be recommended. One that nobody published has neither category nor price. */
export function itemFilter(itemOf: (id: string) => ShopItem | undefined, wishes: ItemWishes): (id: string) => boolean {
  const { outOfStock, category, seller, priceMin, priceMax, exclude } = wishes;
  return (id) => {
    if (exclude.has(id)) return false;
    const item = itemOf(id);
    if (outOfStock && item?.available === false) return false;
    if (!category.every((word, at) => item?.category[at] === word)) return false;
    if (seller !== '' && item?.seller !== seller) return false;
    return (priceMin === undefined || isFrom(priceMin, item?.price)) && (priceMax === undefined || isFrom(item?.price, priceMax));
  };
}

/** True where the second is at least the first; amounts of two currencies are not compared. */
const isFrom = (low: Amount | undefined, high: Amount | undefined): boolean =>
  low !== undefined && high !== undefined && low.currency === high.currency && low.minor <= high.minor;

/** The items that were used within the time before now. */
export const usedWithin = (history: readonly { readonly id: string; readonly atMs: readonly number[] }[], nowMs: number, withinMs: number): readonly string[] =>
  history.flatMap(({ id, atMs }) => ((atMs[0] ?? Number.NEGATIVE_INFINITY) >= nowMs - withinMs ? [id] : []));
