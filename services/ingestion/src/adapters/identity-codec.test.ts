import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Identity } from '../domain/resolve-identity.ts';
import { identityCodec } from './identity-codec.ts';

const nowMs = Date.UTC(2026, 10, 24);
const hash64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bonds = fc.record(
  {
    bond: fc.constantFrom('linked' as const, 'shared' as const),
    linked: fc.array(fc.record({ hash: hash64, receivedAtMs: fc.integer({ min: 0, max: nowMs }) }), { minLength: 1, maxLength: 255 }),
  },
  { requiredKeys: [] },
);
const identities: fc.Arbitrary<Identity> = fc
  .record({
    profileId: fc.string({ maxLength: 30 }),
    newestMs: fc.integer({ min: nowMs, max: nowMs * 2 }),
    seen: fc.array(fc.record({ hash: hash64, receivedAtMs: fc.integer({ min: 0, max: 86_400_000 }) }), { maxLength: 40 }),
  })
  .map(({ profileId, newestMs, seen }) => ({
    profileId: `p_${Buffer.from(profileId).toString('base64url').slice(0, 16)}`,
    newestMs,
    seen: seen.map(({ hash, receivedAtMs }) => ({ hash, receivedAtMs: newestMs - receivedAtMs })),
  }));

test('an identity comes back from its bytes as it was', () => {
  fc.assert(
    fc.property(identities, bonds, (alone, joined) => {
      const identity: Identity = { ...alone, ...joined };
      expect(identityCodec.decode(identityCodec.encode(identity))).toEqual(identity);
    }),
  );
});

test('a full identity takes about 12 KiB, an empty one 28 bytes', () => {
  const seen = Array.from({ length: 1_024 }, (_, i) => ({ hash: BigInt(i), receivedAtMs: nowMs - i }));
  expect(identityCodec.encode({ profileId: 'p_0123456789abcdef', newestMs: nowMs, seen }).length).toBe(28 + 12 * 1_024);
});

test('bytes of another version are refused', () => {
  const bytes = identityCodec.encode({ profileId: 'p_a', newestMs: nowMs, seen: [] });
  bytes[0] = 3;
  expect(() => identityCodec.decode(bytes)).toThrow('version 3');
});
