import { Item } from '@attune/contracts/messages/log/v1/log';
import type { DemoOrder } from './online-retail.ts';

/** What the shop sold in the year, each product once, in order of its number and at its first price. What the shop booked beside products, such as postage, has no number of five digits and is not available. */
export function itemsOfDemo(orders: readonly DemoOrder[], { currency, language }: { readonly currency: string; readonly language: string }): readonly Item[] {
  const items = new Map<string, Item>();
  for (const { lines } of orders) {
    for (const { sku, description, price } of lines) {
      if (items.has(sku)) continue;
      const minor = BigInt(Math.round(price * 100));
      items.set(sku, Item.fromPartial({ id: sku, titles: { [language]: description }, price: { minor, currency }, available: /^\d{5}/.test(sku) }));
    }
  }
  return [...items.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Hands the items over in calls of at most 500. */
export async function sendItems(items: readonly Item[], publishItems: (items: readonly Item[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await publishItems(items.slice(from, from + AT_ONCE));
}

const AT_ONCE = 500;
