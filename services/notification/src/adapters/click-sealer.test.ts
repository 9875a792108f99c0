import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clickSealer } from './click-sealer.ts';

const sealer = clickSealer(new Uint8Array(32).fill(1));
const link = {
  tenant: 'default',
  profileId: 'p_0123456789abcdef',
  leaf: 'A'.repeat(22),
  decisionId: 'd_0123456789abcdefghijkl',
  deliveryId: 'm_0123456789abcdefghijkl',
  campaign: 'welcome_back',
  hops: 1,
  place: 2,
  target: 'https://shop.example/welcome?name=Ada%20Lovelace&x=ü',
};
const token = sealer.tokenOf(link);

test('a token is read back as the link that it was made of, says nothing in clear, and is the same each time', () => {
  expect(sealer.read(token)).toEqual(link);
  expect(sealer.tokenOf(link)).toBe(token);
  expect(token).toMatch(/^[\w-]+$/);
  const bytes = Buffer.from(token, 'base64url').toString('latin1');
  for (const word of ['Ada', 'shop.example', 'welcome_back', 'p_0123']) expect(bytes).not.toContain(word);
});

test('a token with any one character changed, cut, lengthened or of another secret is none', () => {
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'abcXYZ019-_.=é/'), (place, character) => {
      const changed = `${token.slice(0, place)}${character}${token.slice(place + 1)}`;
      expect(sealer.read(changed)).toEqual(changed === token ? link : undefined);
      expect(sealer.read(token.slice(0, place))).toBeUndefined();
    }),
  );
  for (const text of [`${token}A`, `${token}=`, `${token}.`, ` ${token}`, '']) expect(sealer.read(text)).toBeUndefined();
  expect(clickSealer(new Uint8Array(32).fill(2)).read(token)).toBeUndefined();
});
