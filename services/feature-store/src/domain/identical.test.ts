import { expect, test } from 'vitest';
import { identical } from './identical.ts';

test.each<[unknown, unknown, boolean]>([
  [0.1 + 0.2, 0.3, false],
  [0, -0, false],
  [1n, 1n, true],
  [1n, 1, false],
  [{ a: [1, 2] }, { a: [1, 2], b: undefined }, true],
  [{ a: [1, 2] }, { a: [2, 1] }, false],
  [[], {}, false],
  [null, undefined, false],
  [{ b: 'x', a: 1 }, { a: 1, b: 'x' }, true],
])('%o and %o: %s', (a, b, same) => {
  expect(identical(a, b)).toBe(same);
});
