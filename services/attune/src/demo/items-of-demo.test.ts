import { expect, test } from 'vitest';
import { itemsOfDemo, sendItems } from './items-of-demo.ts';
import type { DemoLine, DemoOrder } from './online-retail.ts';

const line = (sku: string, price: number): DemoLine => ({ sku, description: `A ${sku}`, quantity: 1, price });
const order = (lines: readonly DemoLine[]): DemoOrder => ({ invoice: '1', customer: 'c', atMs: 0, kind: 'order', lines, total: 1, country: 'UK' });

test('each product is told once, at its first price in minor units, and what is no product is not available', () => {
  const items = itemsOfDemo([order([line('85123A', 2.55), line('POST', 18)]), order([line('10002', 0.85), line('85123A', 3)])], {
    currency: 'GBP',
    language: 'en',
  });
  expect(items.map(({ id, titles, price, available }) => [id, titles['en'], price?.minor, available])).toEqual([
    ['10002', 'A 10002', 85n, true],
    ['85123A', 'A 85123A', 255n, true],
    ['POST', 'A POST', 1800n, false],
  ]);
});

test('many products are handed over in several calls, each product once', async () => {
  const items = itemsOfDemo([order(Array.from({ length: 1_001 }, (_, i) => line(`${10_000 + i}`, 1)))], { currency: 'GBP', language: 'en' });
  const calls: string[][] = [];
  await sendItems(items, async (some) => calls.push(some.map(({ id }) => id)));
  expect(calls.map(({ length }) => length)).toEqual([500, 500, 1]);
  expect(new Set(calls.flat()).size).toBe(1_001);
});
