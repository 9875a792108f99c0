import { expect, test } from 'vitest';
import { StateCache } from './state-cache.ts';

const kept = (cache: StateCache<number>, ...keys: readonly string[]) => keys.filter((key) => cache.get(key) !== undefined);
const keep = (cache: StateCache<number>, key: string, length: number): void => cache.keep(new Map([[key, length]]), new Map([[key, new Uint8Array(length)]]));

test('the longest unwritten states go first, where there are too many or they are too large', () => {
  const cache = new StateCache<number>(3, 100);
  for (const key of ['a', 'b', 'c', 'd']) keep(cache, key, 10);
  expect(kept(cache, 'a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd']);
  keep(cache, 'b', 85);
  expect(kept(cache, 'b', 'c', 'd')).toEqual(['b', 'd']);
  keep(cache, 'b', 10);
  keep(cache, 'e', 80);
  expect(kept(cache, 'b', 'd', 'e')).toEqual(['b', 'd', 'e']);
});

test('a state that is larger than the bound stays alone, and nothing stays once all is forgotten', () => {
  const cache = new StateCache<number>(3, 100);
  keep(cache, 'a', 10);
  keep(cache, 'b', 500);
  expect(kept(cache, 'a', 'b')).toEqual(['b']);
  cache.forget();
  keep(cache, 'a', 60);
  keep(cache, 'c', 40);
  expect(kept(cache, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

test('a state that rests as its bytes comes back decoded, another at each time, and others come back as they are', () => {
  interface Pair {
    readonly name: string;
    readonly rests: boolean;
  }
  const decode = (bytes: Uint8Array): Pair => ({ name: Buffer.from(bytes).toString(), rests: true });
  const cache = new StateCache<Pair>(3, 100, { asBytes: ({ rests }) => rests, decode });
  const [rests, stays] = [
    { name: 'rests', rests: true },
    { name: 'stays', rests: false },
  ];
  const states = new Map([rests, stays].map((state) => [state.name, state]));
  cache.keep(states, new Map([rests, stays].map(({ name }) => [name, Buffer.from(name)])));
  expect(cache.get('rests')).toEqual(rests);
  expect(cache.get('rests')).not.toBe(cache.get('rests'));
  expect(cache.get('stays')).toBe(stays);
});
