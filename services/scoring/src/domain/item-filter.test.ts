import { expect, test } from 'vitest';
import { type ItemWishes, itemFilter, type ShopItem, usedWithin } from './item-filter.ts';

const price = (minor: bigint, currency = 'GBP') => ({ minor, currency });
const shop: Readonly<Record<string, ShopItem>> = {
  mug: { title: 'Mug', category: ['Home', 'Kitchen'], price: price(250n), available: true, seller: '', tags: [] },
  sofa: { title: 'Sofa', category: ['Home', 'Living'], price: price(90_000n), available: true, seller: '', tags: [] },
  gone: { title: 'Gone', category: ['Home', 'Kitchen'], price: price(100n), available: false, seller: 'acme', tags: [] },
  free: { title: 'Free', category: [], price: price(0n), available: true, seller: '', tags: [] },
};
const allowed = (wishes: Partial<ItemWishes>): string[] => {
  const allows = itemFilter((id) => (Object.hasOwn(shop, id) ? shop[id] : undefined), {
    outOfStock: false,
    category: [],
    seller: '',
    exclude: new Set(),
    ...wishes,
  });
  return ['mug', 'sofa', 'gone', 'free', 'unpublished'].filter(allows);
};

test.each<[string, Partial<ItemWishes>, string[]]>([
  ['no wish', {}, ['mug', 'sofa', 'gone', 'free', 'unpublished']],
  ['out of stock', { outOfStock: true }, ['mug', 'sofa', 'free', 'unpublished']],
  ['a wide category', { category: ['Home'] }, ['mug', 'sofa', 'gone']],
  ['a narrow one', { category: ['Home', 'Kitchen'] }, ['mug', 'gone']],
  ['one that is narrower than any', { category: ['Home', 'Kitchen', 'Mugs'] }, []],
  ['a least price, itself included', { priceMin: price(250n) }, ['mug', 'sofa']],
  ['a greatest price, itself included', { priceMax: price(250n) }, ['mug', 'gone', 'free']],
  ['both', { priceMin: price(1n), priceMax: price(300n) }, ['mug', 'gone']],
  ['another currency', { priceMax: price(1_000_000n, 'IDR') }, []],
  ['one seller', { seller: 'acme' }, ['gone']],
  ['named ones', { exclude: new Set(['mug', 'unpublished']) }, ['sofa', 'gone', 'free']],
])('%s', (_, wishes, expected) => {
  expect(allowed(wishes)).toEqual(expected);
});

test('what was used within the time is found by its newest use, the edge included', () => {
  const history = [
    { id: 'lately', atMs: [900, 10] },
    { id: 'edge', atMs: [500] },
    { id: 'before', atMs: [499] },
  ];
  expect(usedWithin(history, 1_000, 500)).toEqual(['lately', 'edge']);
  expect(usedWithin(history, 1_000, Number.POSITIVE_INFINITY)).toHaveLength(3);
});
