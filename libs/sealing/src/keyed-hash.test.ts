import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyedHash } from './keyed-hash.ts';

test("it is Node's HMAC-SHA256, however often a key is used and however the text is parted", () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(bytes(64), fc.array(fc.tuple(bytes(100), bytes(300)), { maxLength: 4 }), (key, texts) => {
      const ours = keyedHash(key);
      for (const [a, b] of texts) expect(ours.digest(a, b)).toEqual(createHmac('sha256', key).update(a).update(b).digest());
    }),
  );
});

test('a key that is longer than a block is refused', () => {
  expect(() => keyedHash(new Uint8Array(65))).toThrow('longer');
});
