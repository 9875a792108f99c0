import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFields, pickFields, type WantedFields, wholeFields } from './json-fields.ts';

const orders: WantedFields = { names: ['total', 'products'], within: [undefined, wholeFields(['product_id'])] };
const name = fc.constantFrom('a', 'b', 'ab', 'a"', '\\', '', 'ä', '__proto__', 'constructor', 'toString');
const wanted = (depth: number): fc.Arbitrary<WantedFields> =>
  fc.uniqueArray(name, { maxLength: 3 }).chain((names) =>
    fc.record({
      names: fc.constant(names),
      within: fc.tuple(...names.map(() => (depth === 0 ? fc.constant(undefined) : fc.option(wanted(depth - 1), { nil: undefined })))),
    }),
  );
const leaf = fc.oneof(
  fc.jsonValue(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('a,b', '}', '"', '\\', '\\"', 'x\u0000y', '\ud800', '[{'),
);
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(leaf, tie('object'), fc.array(fc.oneof(leaf, tie('object')), { maxLength: 3 })),
  object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}));

/** Own fields by name, whatever they are called. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, sorted(one)])
      : value;

test('of each object it reads what picking from the whole of it gives', () => {
  const indent = fc.constantFrom(undefined, 1);
  fc.assert(
    fc.property(object, wanted(2), indent, (given, want, space) => {
      const json = JSON.stringify(given, undefined, space);
      expect(JSON.stringify(sorted(jsonFields(json, want)))).toEqual(JSON.stringify(sorted(pickFields(JSON.parse(json), want))));
    }),
    { numRuns: 1_000 },
  );
});

test('of an order only the total and the ids of its lines are read', () => {
  const json = JSON.stringify({
    total: 24.5,
    note: 'a "b", {c}',
    products: [{ name: 'MUG, "RED"', product_id: '85123A', price: 2.95 }, 'gift', null, [{ product_id: 1 }], {}],
  });
  expect(jsonFields(json, orders)).toEqual({ total: 24.5, products: [{ product_id: '85123A' }, 'gift', null, [{ product_id: 1 }], {}] });
});

test('a key that is written twice counts as written last, and one with an escape is its name', () => {
  expect(jsonFields('{"total":1,"total":2}', orders)).toEqual({ total: 2 });
  expect(jsonFields('{"t\\u006ftal":1}', orders)).toEqual({ total: 1 });
});

test('what is no object has no fields', () => {
  for (const json of ['[{"total":1}]', '1', '"total"', 'null', '[]']) expect(jsonFields(json, orders)).toEqual({});
});

test('a text that breaks off is refused', () => {
  const whole = JSON.stringify({ total: 24.5, products: [{ product_id: 'a' }] });
  for (let length = 0; length < whole.length; length++) expect(() => jsonFields(whole.slice(0, length), orders)).toThrow(SyntaxError);
  expect(() => jsonFields(`${whole}}`, orders)).toThrow(SyntaxError);
});
