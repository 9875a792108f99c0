import { expect, it } from 'vitest';
import { nearest, spelling } from './nearest.ts';

it('finds the nearest of the known words', () => {
  expect(nearest('windw', ['unit', 'window', 'of'])).toBe('window');
  expect(nearest('cuont', ['sum', 'count'])).toBe('count');
});

it('finds nothing when nothing is near', () => {
  expect(nearest('holdout', ['offers', 'message'])).toBeUndefined();
});

it('lists what is known when nothing is near', () => {
  expect(spelling('zzzz', ['one', 'two'])).toBe('Known here: one, two.');
  expect(spelling('zzzz', [])).toContain('None is declared');
});
