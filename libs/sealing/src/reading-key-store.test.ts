import { expect, test } from 'vitest';
import { readingKeyStore } from './reading-key-store.ts';
import { SqliteKeyStore } from './sqlite-key-store.ts';

test('what is asked for is read, and an absent key is made, and one destroyed, for the process alone', async () => {
  const store = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  const [kept] = (await store.ensure('t', ['a'])).values();
  await store.destroy('t', ['b']);
  const reading = readingKeyStore(store);
  const found = await reading.ensure('t', ['a', 'b', 'c']);
  expect(found.get('a')).toEqual(kept);
  expect(found.get('b')).toEqual({ kind: 'destroyed' });
  expect(found.get('c')).toEqual((await reading.ensure('t', ['c'])).get('c'));
  expect(await store.find('t', ['c'])).toEqual(new Map([['c', { kind: 'absent' }]]));
  await reading.destroy('t', ['a']);
  expect((await reading.find('t', ['a'])).get('a')).toEqual({ kind: 'destroyed' });
  expect((await store.find('t', ['a'])).get('a')).toEqual(kept);
  await reading.close();
});
