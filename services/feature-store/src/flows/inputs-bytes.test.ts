import { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeatureValue } from '../domain/features/feature-kind.ts';
import type { Inputs, NamedReading } from '../domain/read-profile.ts';
import { inputsBytes } from './inputs-bytes.ts';
import { namedValue } from './named-value.ts';

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'ü'.repeat(70), 'a'.repeat(127), 'a'.repeat(128), 'long '.repeat(5_000)),
);
const plain = fc.oneof(fc.double(), fc.integer(), word, fc.boolean());
const value: fc.Arbitrary<FeatureValue | undefined> = fc.oneof(
  fc.constant(undefined),
  plain,
  fc.array(word),
  fc.array(fc.double(), { minLength: 1 }),
  fc.dictionary(word, plain),
);
const moment = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -1e12, max: -1 }), fc.nat(300));
const reading: fc.Arbitrary<NamedReading> = fc.record({
  name: word,
  value,
  eventTimeMs: moment,
  personal: fc.boolean(),
  sensitive: fc.constant(false),
  purposes: fc.constant([]),
});
const inputs: fc.Arbitrary<Inputs> = fc.record({ values: fc.array(reading), segments: fc.array(word), consent: fc.dictionary(word, fc.boolean()) });

test('the bytes of inputs are those of the generated encoder', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const { values, segments, consent } = given;
      const message = { values: values.map(namedValue), segments: [...segments], consent: { ...consent } };
      expect(Buffer.from(inputsBytes(given)).equals(DecisionInputs.encode(message).finish())).toBe(true);
    }),
    { numRuns: 300 },
  );
});
