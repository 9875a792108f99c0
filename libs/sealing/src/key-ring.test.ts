import type { Stopwatch } from '@attune/runtime/world';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyRing } from './key-ring.ts';
import { dayKey, type FoundKey, type KeyStore, subjectKey } from './port.ts';
import { SqliteKeyStore } from './sqlite-key-store.ts';

const words = { tenant: 'default', subject: 'p_ada', id: 'm1' };
const key = subjectKey('p_ada');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let elapsedMs = 0;
const stopwatch: Stopwatch = { elapsedMs: () => elapsedMs, sleep: async () => {} };
let store: KeyStore;
let ring: KeyRing;

beforeEach(async () => {
  store = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  ring = new KeyRing(store, stopwatch);
  await ring.ensure('default', [key]);
});
afterEach(() => store.close());

test('what was sealed opens with the same words, also in another ring', async () => {
  const other = new KeyRing(store, stopwatch);
  await other.load('default', [key]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (plain) => {
      expect(Buffer.from(other.open(ring.seal(key, words, plain), words))).toEqual(Buffer.from(plain));
    }),
  );
});

test.each([
  { ...words, tenant: 'other' },
  { ...words, subject: 'p_bea' },
  { ...words, id: 'm2' },
])('it does not open as %o', async (wrong) => {
  await ring.ensure('other', [key]);
  const envelope = ring.seal(key, words, bytes('ada@example.com'));
  expect(() => ring.open(envelope, wrong)).toThrow('KEY_UNAVAILABLE');
});

test('an envelope that was altered or cut does not open', () => {
  const envelope = ring.seal(key, words, bytes('ada@example.com'));
  for (let at = 0; at < envelope.ciphertext.length; at++) {
    const ciphertext = Uint8Array.from(envelope.ciphertext);
    ciphertext[at] = (ciphertext[at] ?? 0) ^ 1;
    expect(() => ring.open({ ...envelope, ciphertext }, words)).toThrow('KEY_UNAVAILABLE');
    expect(() => ring.open({ ...envelope, ciphertext: envelope.ciphertext.subarray(0, at) }, words)).toThrow('KEY_UNAVAILABLE');
  }
});

test('a tag cut to its first four bytes does not do', () => {
  const empty = ring.seal(key, words, new Uint8Array());
  expect(() => ring.open({ ...empty, ciphertext: empty.ciphertext.subarray(0, 4) }, words)).toThrow('KEY_UNAVAILABLE');
});

test('the same words and text make the same envelope, and no two different ones share a nonce', () => {
  const given = fc.record({ subject: fc.string({ maxLength: 3 }), id: fc.string({ maxLength: 3 }), plain: fc.string({ maxLength: 3 }) });
  fc.assert(
    fc.property(given, given, (a, b) => {
      const [one, other] = [a, b].map(({ plain, ...bound }) => ring.seal(key, { ...words, ...bound }, bytes(plain)));
      const same = JSON.stringify([a.subject, a.id, a.plain]) === JSON.stringify([b.subject, b.id, b.plain]);
      if (same) expect(one).toEqual(other);
      else expect(Buffer.from(one?.nonce ?? []).equals(other?.nonce ?? new Uint8Array())).toBe(false);
    }),
    {
      examples: [
        [
          { subject: 'a', id: 'b', plain: 'c' },
          { subject: 'a', id: 'b', plain: 'c' },
        ],
        [
          { subject: 'a', id: 'b', plain: 'c' },
          { subject: 'a', id: 'b', plain: 'd' },
        ],
      ],
    },
  );
});

test('a destroyed key answers ERASED once the holding time is over', async () => {
  const envelope = ring.seal(key, words, bytes('x'));
  await store.destroy('default', [key]);
  elapsedMs += 55_000;
  await ring.ensure('default', [key]);
  expect(ring.open(envelope, words)).toBeDefined();
  elapsedMs += 1;
  await ring.ensure('default', [key]);
  expect(() => ring.open(envelope, words)).toThrow('ERASED');
  expect(() => ring.seal(key, words, bytes('x'))).toThrow('ERASED');
});

test('a key that is not held answers KEY_UNAVAILABLE, and looking for it makes none', async () => {
  const absent = dayKey(Date.UTC(2026, 10, 24, 23, 59));
  expect(absent).toBe('day/2026-11-24');
  await ring.load('default', [absent]);
  expect(() => ring.seal(absent, words, bytes('x'))).toThrow('KEY_UNAVAILABLE');
  await ring.ensure('default', [absent]);
  expect(ring.seal(absent, words, bytes('x')).keyId).toBe(absent);
});

test('an answer that was overtaken does not take a key away', async () => {
  let answer: (found: ReadonlyMap<string, FoundKey>) => void = () => {};
  const slow: KeyStore = {
    ensure: (tenant, ids) => store.ensure(tenant, ids),
    find: () => new Promise((resolve) => (answer = resolve)),
    destroy: (tenant, ids) => store.destroy(tenant, ids),
    close: () => store.close(),
  };
  const hurried = new KeyRing(slow, stopwatch);
  const loading = hurried.load('default', [key]);
  await hurried.ensure('default', [key]);
  answer(new Map([[key, { kind: 'absent' }]]));
  await loading;
  expect(hurried.seal(key, words, bytes('x'))).toBeDefined();
});

test('however many keys are asked for, those of the step before its use stay', async () => {
  const ids = (from: number) => Array.from({ length: 26_000 }, (_, i) => `subject/${from + i}`);
  const found = (id: string): FoundKey => (id === key ? { kind: 'key', bytes: new Uint8Array(32) } : { kind: 'destroyed' }); // quicker than so many keys
  const many: KeyStore = { ...store, ensure: async (_tenant, wanted) => new Map(wanted.map((id) => [id, found(id)])) };
  const crowded = new KeyRing(many, stopwatch);
  await crowded.ensure('default', [key]);
  await crowded.ensure('default', ids(0));
  elapsedMs += 20_000;
  await crowded.ensure('default', [key]);
  await crowded.ensure('default', ids(26_000));
  expect(crowded.seal(key, words, bytes('x'))).toBeDefined();
  expect(() => crowded.seal('subject/0', words, bytes('x'))).toThrow('KEY_UNAVAILABLE');
});
