import { expect, test } from 'vitest';
import { sealed } from './sealed.ts';

test('a pure call gives its answer', () => {
  expect(sealed({ call: (a: number, b: number) => a + b, given: () => [1, 2] })).toBe(3);
});

test.each<[string, () => unknown]>([
  ['Date', () => Date.now()],
  ['Date', () => new Date()],
  ['Math.random', () => Math.random()],
  ['performance', () => performance.now()],
  ['crypto', () => crypto.randomUUID()],
  ['fetch', () => fetch('http://localhost')],
  ['setTimeout', () => setTimeout(() => {}, 1)],
])('a call that touches %s is named', (name, call) => {
  expect(() => sealed({ call, given: () => [] })).toThrow(name);
});

test('the world is back after a call, and after one that threw', () => {
  const { now } = Date;
  sealed({ call: () => 1, given: () => [] });
  expect(() => sealed({ call: () => Math.random(), given: () => [] })).toThrow('Math.random');
  expect(Date.now).toBe(now);
  expect(Math.random()).toBeLessThan(1);
});

test('an edited argument is refused, unless it is the one that may be edited', () => {
  const call = (list: { inner: number[] }) => list.inner.push(1);
  expect(() => sealed({ call, given: () => [{ inner: [] }] })).toThrow(TypeError);
  expect(sealed({ call, given: () => [{ inner: [] }], mayEdit: 0 })).toBe(1);
});

test('edited bytes are refused', () => {
  expect(() => sealed({ call: (bytes: Uint8Array) => bytes.fill(1), given: () => [new Uint8Array(2)] })).toThrow('edited');
});

test('a memory between two calls is noticed', () => {
  let calls = 0;
  expect(() => sealed({ call: () => calls++, given: () => [] })).toThrow('differently');
});
