import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from './packing.ts';
import type { WriteUnit } from './transactions.ts';

const bytes = fc.uint8Array({ maxLength: 9 }).chain((all) => fc.nat(all.length).map((from) => all.subarray(from)));
const value = fc.oneof(fc.string(), fc.double(), fc.constant(null), bytes);
const step = fc.record({ statement: fc.nat(20), values: fc.array(value, { maxLength: 5 }) });
const unit: fc.Arbitrary<WriteUnit> = fc.record(
  { guard: step, steps: fc.array(step, { maxLength: 4 }), relaxed: fc.constant(true as const) },
  { requiredKeys: ['steps'] },
);

test('units come out of a message as they went in, with bytes that are views of longer ones', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 4 }), (units) => {
      expect(unpack(structuredClone(pack(units)))).toEqual(units);
    }),
  );
});

test('only the bytes of the parameters go into the message, not the memory that they are a part of', () => {
  const { buffer } = pack([{ steps: [{ statement: 0, values: [new Uint8Array(1_000).subarray(10, 13)] }] }]).bytes;
  expect(buffer.byteLength).toBe(3);
});
