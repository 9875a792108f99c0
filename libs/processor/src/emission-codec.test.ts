import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Emission } from './definition.ts';
import { causeOffsetOf, decodeOutgoing, encodeEmission, type Outgoing, outboxId, outgoingOf } from './emission-codec.ts';

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

/** Bytes compare equal whichever class holds them. */
const plainly = ({ record: { value, ...record }, ...rest }: Outgoing) => ({ ...rest, record: { ...record, value: [...value] } });

const published = ({ id, tenant, topic, key, value, headers }: Emission) => ({
  entryId: '1',
  tenant,
  topic,
  record: { key, value: [...value], headers: { ...headers, id } },
});

test('an emission goes to the log as it was written, at once and when it is read back', () => {
  fc.assert(
    fc.property(emissions, (emission) => {
      const entry = encodeEmission('1', emission);
      expect(plainly(outgoingOf(entry, emission))).toEqual(published(emission));
      expect(plainly(decodeOutgoing(entry))).toEqual(published(emission));
    }),
  );
});

test('what goes to the log shares no bytes with what the fold gave', () => {
  const value = Uint8Array.of(1, 2, 3);
  const emission = { id: 'a', tenant: 't', topic: 'out', key: 'k', value, headers: {} };
  const outgoing = outgoingOf(encodeEmission('1', emission), emission);
  value.fill(9);
  expect([...outgoing.record.value]).toEqual([1, 2, 3]);
});

test('an emission reads back from the middle of a larger buffer and shares no bytes with it', () => {
  fc.assert(
    fc.property(emissions, fc.nat({ max: 9 }), (emission, shift) => {
      const { id, body } = encodeEmission('1', emission);
      const pool = new Uint8Array(shift + body.length + 5);
      pool.set(body, shift);
      const read = decodeOutgoing({ id, body: pool.subarray(shift, shift + body.length) });
      pool.fill(0xff);
      expect(plainly(read)).toEqual(published(emission));
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
