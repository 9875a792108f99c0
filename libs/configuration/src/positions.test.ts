import { expect, it } from 'vitest';
import { parseWithPositions } from './positions.ts';

const parsed = parseWithPositions('a:\n  b: 1\n  c: [x, yy]\nd: &one { e: 2 }\nf: *one\n');

it('knows where values and keys stand', () => {
  expect(parsed.valueAt(['a', 'b'])).toEqual({ line: 2, column: 6 });
  expect(parsed.keyAt(['a', 'b'])).toEqual({ line: 2, column: 3 });
  expect(parsed.valueAt(['a', 'c', 1])).toEqual({ line: 3, column: 10 });
});

it('follows an alias', () => {
  expect(parsed.valueAt(['f', 'e'])).toEqual({ line: 4, column: 14 });
});

it('gives the key of the parent for what is missing', () => {
  expect(parsed.valueAt(['a', 'z'])).toEqual({ line: 1, column: 1 });
  expect(parsed.valueAt(['z', 'y', 'x'])).toEqual({ line: 1, column: 1 });
});
