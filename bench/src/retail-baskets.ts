import { existsSync } from 'node:fs';
import { readRows } from './quality/read-rows.ts';

/** What one customer bought on one day. */
export interface DayBasket {
  /** Midnight, in ms since 1970. */
  readonly atMs: number;
  readonly items: readonly string[];
}

/** Reads the invoice lines of UCI Online Retail II (invoice, sku, qty, date, price, customer, country) as day baskets by customer, in order of time. Lines without a customer, cancellations, gifts and what is no product are left out. Several files are one. Undefined where one is not there. */
export function retailBaskets(...files: readonly string[]): ReadonlyMap<string, readonly DayBasket[]> | undefined {
  if (!files.every((file) => existsSync(file))) return undefined;
  const days = new Map<string, Map<number, Set<string>>>();
  for (const [invoice = '', sku = '', quantity, date = '', price, customer = ''] of files.flatMap((file) => readRows(file, ','))) {
    if (customer === '' || invoice.startsWith('C') || Number(quantity) <= 0 || Number(price) <= 0 || !/^\d{5}/.test(sku)) continue;
    const own = known(days, customer, () => new Map<number, Set<string>>());
    known(own, Date.parse(date.slice(0, 10)), () => new Set<string>()).add(sku);
  }
  return new Map([...days].map(([customer, own]) => [customer, inOrder(own)]));
}

const inOrder = (own: ReadonlyMap<number, ReadonlySet<string>>): readonly DayBasket[] =>
  [...own].map(([atMs, items]) => ({ atMs, items: [...items] })).toSorted((a, b) => a.atMs - b.atMs);

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
