import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash32, partitionOf, unitHash } from './hash.ts';

/** Published vectors of MurmurHash3 x86 32-bit. */
const vectors: readonly (readonly [text: string, seed: number, hash: number])[] = [
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['hello', 0, 0x248bfa47],
  ['hello, world', 0, 0x149bbb7f],
  ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['aa', 0x9747b28c, 0x5d211726],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['ππππππππ', 0x9747b28c, 0xd58063c1],
];

describe('hash32', () => {
  test.each(vectors)('of %j with seed %d is the published number', (text, seed, hash) => {
    expect(hash32(text, seed)).toBe(hash);
  });

  test('reads text as TextEncoder does, lone surrogates too', () => {
    const replaced = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(hash32(text)).toBe(hash32(replaced(text)))));
    expect(hash32('\ud800')).toBe(hash32('\ufffd'));
  });
});

test('unitHash lies in [0, 1) and spreads names evenly', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const tenth = Math.floor(unitHash(`customer-${i}`) * 10);
    tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('partitionOf places every key in one of the partitions', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
      const partition = partitionOf(key, partitions);
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
    }),
  );
});
