import { expect, test } from 'vitest';
import { itemsOf } from './items-of-event.ts';

const where = { each: 'products', item: 'sku', quantity: 'n', price: 'p' };

test('items are read from the list that the contract names', () => {
  expect(itemsOf({ products: [{ sku: 'a', n: 2, p: 1.5 }, { sku: 7 }, { sku: 'a' }] }, where)).toEqual(['a', '7', 'a']);
});

test('what names no item is passed over', () => {
  const fields = { products: ['a', null, {}, { sku: {} }, { sku: 1.5 }, [{ sku: 'b' }], { sku: 'c', n: 'many' }] };
  expect(itemsOf(fields, where)).toEqual(['c']);
  expect(itemsOf({}, where)).toEqual([]);
  expect(itemsOf({ products: 'a' }, where)).toEqual([]);
});

test('an event that names its item itself has one', () => {
  expect(itemsOf({ product_id: 'a' }, { item: 'product_id' })).toEqual(['a']);
  expect(itemsOf({}, { item: 'product_id' })).toEqual([]);
});
