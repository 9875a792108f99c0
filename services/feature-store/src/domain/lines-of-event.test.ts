import { expect, test } from 'vitest';
import { linesOf } from './lines-of-event.ts';

const where = { each: 'products', item: 'sku', quantity: 'n', price: 'p' };

test('lines are read from the list that the contract names', () => {
  const fields = { products: [{ sku: 'a', n: 2, p: 1.5 }, { sku: 7 }] };
  expect(linesOf(fields, where)).toEqual([
    { item: 'a', quantity: 2, price: 1.5 },
    { item: '7', quantity: 1 },
  ]);
});

test('what names no item is passed over', () => {
  const fields = { products: ['a', null, {}, { sku: {} }, { sku: 1.5 }, [{ sku: 'b' }], { sku: 'c', n: 'many' }] };
  expect(linesOf(fields, where)).toEqual([{ item: 'c', quantity: 1 }]);
  expect(linesOf({}, where)).toEqual([]);
  expect(linesOf({ products: 'a' }, where)).toEqual([]);
});

test('an event that names its item itself has one line', () => {
  expect(linesOf({ product_id: 'a' }, { item: 'product_id' })).toEqual([{ item: 'a', quantity: 1 }]);
  expect(linesOf({}, { item: 'product_id' })).toEqual([]);
});
