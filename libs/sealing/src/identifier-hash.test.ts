import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifierHashOf } from './identifier-hash.ts';

const key = Buffer.alloc(32, 3);
const hash = identifierHashOf(key);

test('the hash is the first 22 characters of HMAC-SHA-256 over tenant, kind and value', () => {
  const whole = createHmac('sha256', key).update('["default","user","ada"]').digest('base64url');
  expect(hash('default', 'user', 'ada')).toBe(whole.slice(0, 22));
});

test('no two identifiers share a hash, and another key gives others', () => {
  const words = fc.tuple(fc.string({ maxLength: 3 }), fc.constantFrom('user', 'anonymous'), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(words, words, (a, b) => {
      expect(hash(...a) === hash(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(identifierHashOf(Buffer.alloc(32, 4))(...a)).not.toBe(hash(...a));
    }),
  );
});
