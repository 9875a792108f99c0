import fc from 'fast-check';
import { expect, test } from 'vitest';
import { causeOffsetOf, decodeEmission, encodeEmission, outboxId } from './emission-codec.ts';

const word = fc.string({ unit: 'grapheme' });
const emissions = fc.record({
  id: word,
  tenant: word,
  topic: word,
  key: word,
  value: fc.uint8Array(),
  headers: fc.dictionary(word, word, { noNullPrototype: true }),
});
const offsets = fc.nat({ max: Number.MAX_SAFE_INTEGER });

test('an emission reads back as it was written', () => {
  fc.assert(fc.property(emissions, (emission) => void expect(decodeEmission(encodeEmission('1', emission))).toEqual(emission)));
});

test('an emission reads back from the middle of a larger buffer and shares no bytes with it', () => {
  fc.assert(
    fc.property(emissions, fc.nat({ max: 9 }), (emission, shift) => {
      const { id, body } = encodeEmission('1', emission);
      const pool = new Uint8Array(shift + body.length + 5);
      pool.set(body, shift);
      const read = decodeEmission({ id, body: pool.subarray(shift, shift + body.length) });
      pool.fill(0xff);
      expect(read).toEqual(emission);
    }),
  );
});

test('outbox ids sort by the offset of their cause, then by their place, and tell the offset', () => {
  const causes = fc.tuple(offsets, fc.nat({ max: 999_999 }));
  fc.assert(
    fc.property(causes, causes, ([a, i], [b, j]) => {
      expect(outboxId(a, i) < outboxId(b, j)).toBe(a < b || (a === b && i < j));
      expect(causeOffsetOf(outboxId(a, i))).toBe(a);
    }),
  );
});
