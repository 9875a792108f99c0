import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const ofKafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

test('the check value of the catalogue comes out, and the sum of nothing is 0', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test('any part of any bytes has the sum that kafkajs computes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(40), fc.nat(40), (bytes, cutFront, cutBack) => {
      const [from, to] = [Math.min(cutFront, bytes.length), Math.max(Math.min(cutFront, bytes.length), bytes.length - cutBack)];
      expect(crc32c(bytes, from, to)).toBe(ofKafkajs(Buffer.from(bytes.slice(from, to))));
    }),
  );
});
