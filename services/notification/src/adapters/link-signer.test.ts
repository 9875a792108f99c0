import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkSigner } from './link-signer.ts';

const signer = linkSigner(new Uint8Array(32).fill(1));
const link = { tenant: 'default', profileId: 'p_0123456789abcdef', purpose: 'marketing', deliveryId: 'm_0123456789abcdefghijkl', language: 'id' };
const token = signer.tokenOf(link);

test('a token says who takes back what, and is a path of one piece that fits into a header line', () => {
  expect(signer.read(token)).toEqual(link);
  expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
  expect(token.length).toBeLessThan(300);
});

test('a token with any one character changed, or of another secret, is none', () => {
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'abcXYZ019-_.=é'), (place, character) => {
      const changed = `${token.slice(0, place)}${character}${token.slice(place + 1)}`;
      expect(signer.read(changed)).toEqual(changed === token ? link : undefined);
    }),
  );
  expect(linkSigner(new Uint8Array(32).fill(2)).read(token)).toBeUndefined();
});

test('whatever comes instead of a token is none, and no fault', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (text) => {
      expect(signer.read(text)).toBeUndefined();
    }),
  );
  for (const text of [`${token}.`, `${token}x`, ` ${token}`, token.slice(0, -1), token.split('.')[0] ?? '', '.', '']) expect(signer.read(text)).toBeUndefined();
});
