import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Identity } from '../domain/resolve-identity.ts';
import { identityCodec } from './identity-codec.ts';

const nowMs = Date.UTC(2026, 10, 24);
const hash64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const leaf = fc.string({ minLength: 22, maxLength: 22, unit: fc.constantFrom('a', 'B', '-', '_', '7') });
const bonds = fc.record(
  {
    bond: fc.constantFrom('linked' as const, 'shared' as const),
    linked: fc.array(fc.record({ hash: hash64, receivedAtMs: fc.integer({ min: 0, max: nowMs }), leaf }, { requiredKeys: ['hash', 'receivedAtMs'] }), {
      minLength: 1,
      maxLength: 255,
    }),
    changes: fc.array(
      fc.record({
        kind: fc.constantFrom('opened' as const, 'moved' as const, 'handed_on' as const, 'quarantined' as const, 'allowed' as const),
        atMs: fc.integer({ min: 0, max: nowMs }),
        from: fc.constantFrom('', 'p_0123456789abcdef'),
        to: fc.constant('p_abcdef0123456789'),
        by: fc.oneof(leaf, fc.constant('')),
        record: fc.constantFrom('', '63/123456789'),
      }),
      { minLength: 1, maxLength: 32 },
    ),
    quarantined: fc.record({ sinceMs: fc.integer({ min: 0, max: nowMs }), reason: fc.constantFrom('customers' as const, 'devices' as const) }),
    erased: fc.record({ profileId: fc.constant('p_0123456789abcdef'), atMs: fc.integer({ min: 0, max: nowMs }) }),
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

test('what an earlier version wrote of a linked customer is still read, without the names of the links', () => {
  const bytes = Buffer.concat([Buffer.from([2, 5]), Buffer.from('p_ada'), doubleOf(nowMs), Buffer.from([1, 1]), wholeOf(7n), doubleOf(nowMs - 5)]);
  expect(identityCodec.decode(Buffer.concat([bytes, wholeOf(9n), Buffer.from([0, 0, 0, 1])]))).toEqual({
    profileId: 'p_ada',
    newestMs: nowMs,
    bond: 'linked',
    linked: [{ hash: 7n, receivedAtMs: nowMs - 5 }],
    seen: [{ hash: 9n, receivedAtMs: nowMs - 1 }],
  });
});

function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function wholeOf(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

test('the list of a partition comes back from its bytes in its order, and is told from an identity', () => {
  const one = fc.record({ sinceMs: fc.integer({ min: 0, max: nowMs }), reason: fc.constantFrom('customers' as const, 'devices' as const) });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(leaf, one), { selector: ([id]) => id, maxLength: 20 }), (entries) => {
      const list = identityCodec.decodeQuarantine(identityCodec.encodeQuarantine(new Map(entries)));
      expect([...(list ?? [])]).toEqual(entries);
    }),
  );
  expect(identityCodec.decodeQuarantine(identityCodec.encode({ profileId: 'p_a', newestMs: nowMs, seen: [] }))).toBeUndefined();
});

test('bytes of another version are refused', () => {
  const bytes = identityCodec.encode({ profileId: 'p_a', newestMs: nowMs, seen: [] });
  bytes[0] = 6;
  expect(() => identityCodec.decode(bytes)).toThrow('version 6');
});
