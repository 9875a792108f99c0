import { expect, test } from 'vitest';
import { findCustomers } from './find-customers.ts';
import { addEntry, emptyModel } from './read-model.ts';

function modelOf(customers: readonly string[]) {
  const model = emptyModel();
  customers.forEach((customer, n) => {
    addEntry(model, { kind: 'consent', id: `consent/${n}`, atMs: n, profileId: `p_${n}`, customer, purposes: {} });
  });
  return model;
}

test.each([
  ['the exact one first, then what begins with it, then what contains it', '130', ['130', '1309', '5130']],
  ['letters of any case', ' ADA', ['Ada@example.com']],
  ['a profile id', 'p_1', ['1309']],
  ['nobody', 'zz', []],
  ['everybody for an empty query, the most recently active first', '', ['Ada@example.com', '130', '1309', '5130']],
])('a search finds %s', (_, query, found) => {
  const model = modelOf(['5130', '1309', '130', 'Ada@example.com']);
  expect(findCustomers(model, query, 20).map(({ customer }) => customer)).toEqual(found);
});

test('a search finds no more than asked for', () => {
  const model = modelOf(Array.from({ length: 50 }, (_, n) => `1${n}`));
  expect(findCustomers(model, '1', 20)).toHaveLength(20);
});
