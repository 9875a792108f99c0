import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterRecord, decodeWatermark, encodeWatermark, logName, nextOffsetIn } from './watermark.ts';

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const positions = fc.record({ log: fc.string({ unit: 'grapheme' }), nextOffset: whole, appendedAtMs: whole, keyHash: fc.nat({ max: 2 ** 32 - 1 }) });

test('a watermark reads back as it was written, whatever the name of the log', () => {
  fc.assert(fc.property(positions, (at) => void expect(decodeWatermark(encodeWatermark(at))).toEqual(at)));
});

test('readers find the next offset of every watermark', () => {
  fc.assert(fc.property(positions, (at) => void expect(nextOffsetIn(encodeWatermark(at))).toBe(at.nextOffset)));
});

test('watermarks have equal bytes exactly where the positions are equal', () => {
  fc.assert(
    fc.property(positions, positions, (a, b) => {
      const same = Buffer.compare(encodeWatermark(a), encodeWatermark(b)) === 0;
      expect(same).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
  expect(encodeWatermark({ log: 'l', nextOffset: 1, appendedAtMs: 2, keyHash: 3 })).toEqual(
    encodeWatermark({ keyHash: 3, appendedAtMs: 2, nextOffset: 1, log: 'l' }),
  );
});

test('an empty watermark means that nothing was folded', () => {
  expect(decodeWatermark(new Uint8Array())).toBeUndefined();
  expect(nextOffsetIn(new Uint8Array())).toBe(0);
});

test('after a record the next offset is one above it and its key and time can be known again', () => {
  const record = { topic: 't', partition: 0, offset: 41, appendedAtMs: 1_000, tenant: 'acme', key: 'hello', value: new Uint8Array(), headers: {} };
  expect(afterRecord('l/8', record)).toEqual({ log: 'l/8', nextOffset: 42, appendedAtMs: 1_000, keyHash: 0x248bfa47 });
});

test('a log is named by its id and its number of partitions', () => {
  expect(logName({ logId: 'l', partitions: 8 })).not.toBe(logName({ logId: 'l', partitions: 16 }));
});
