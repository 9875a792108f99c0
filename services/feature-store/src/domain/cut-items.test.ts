import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutItems } from './cut-items.ts';
import { itemsOf } from './items-of-event.ts';

const where = { each: 'products', item: 'id' };
const word = fc.oneof(
  fc.constantFrom('a', 'id', 'products', '{', '}', '[', ']', ':{', '},{', ',"id":', '"id":"x"', '\\', '"', 'MUG "RED"', 'ä', '', '1', '\ud800'),
  fc.string(),
);
const scalar = fc.oneof(word, fc.integer(), fc.double(), fc.constantFrom(true, false, null, -0, 1e21, 1.5, 2 ** 53));
const key = fc.oneof(fc.constantFrom('id', 'a', 'products', 'xid', 'id:', '{', '['), word);
const flat = fc.dictionary(key, scalar, { maxKeys: 4 });
const line = fc.oneof(
  { weight: 6, arbitrary: flat },
  { weight: 1, arbitrary: scalar },
  { weight: 1, arbitrary: fc.dictionary(key, fc.oneof(flat, fc.array(flat, { maxLength: 2 })), { maxKeys: 3 }) },
);
const lines = fc.oneof({ weight: 9, arbitrary: fc.array(line, { maxLength: 4 }) }, { weight: 1, arbitrary: scalar });
const event = fc.tuple(fc.oneof(flat, fc.dictionary(key, fc.oneof(scalar, lines), { maxKeys: 3 })), lines, fc.oneof(fc.constant({}), fc.constant({}), flat));

test('where it cuts, the items are those that reading finds, and the rest is the event without its lines', () => {
  let cuts = 0;
  fc.assert(
    fc.property(event, ([before, products, after]) => {
      const { products: _, ...own } = before as Record<string, unknown>;
      const json = JSON.stringify({ ...own, products, ...after });
      const cut = cutItems(json, where);
      if (cut === undefined) return;
      cuts++;
      const read = JSON.parse(json) as Record<string, unknown>;
      expect(cut.items).toEqual(itemsOf(read, where));
      const { products: __, ...rest } = read;
      expect(JSON.parse(cut.rest)).toEqual(rest);
    }),
    { numRuns: 5_000 },
  );
  expect(cuts).toBeGreaterThan(200);
});

test('a plain order is cut', () => {
  const products = [{ name: 'MUG, RED', id: '85123A', price: 2.95 }, 'gift', { id: 7, price: 1 }, { id: null }, {}];
  expect(cutItems(JSON.stringify({ total: 5, products }), where)).toEqual({ items: ['85123A', '7'], rest: '{"total":5}' });
  expect(cutItems(JSON.stringify({ products: [] }), where)).toEqual({ items: [], rest: '{}' });
});

test.each([
  ['another field behind the lines', { products: [{ id: 'a' }], total: 5 }],
  ['a list before them', { tags: ['x'], products: [{ id: 'a' }] }],
  ['an object before them', { shop: { products: [{ id: 'b' }] }, products: [{ id: 'a' }] }],
  ['a list within a line', { products: [{ id: 'a', tags: [1] }] }],
  ['an object within a line', { products: [{ sub: { id: 'b' }, id: 'a' }] }],
  ['an escape', { note: '"', products: [{ id: 'a' }] }],
  ['no lines', { total: 5 }],
  ['lines that are no list', { products: 'a' }],
])('it leaves what it cannot be sure of: %s', (_, given) => {
  expect(cutItems(JSON.stringify(given), where)).toBeUndefined();
});
