import { type NamedValue, type Position, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesResponse, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { featuresBytes } from './features-bytes.ts';
import { wholeProfileBytes } from './whole-profile-bytes.ts';

const word = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'ü'.repeat(70), 'a'.repeat(127), 'a'.repeat(128)));
const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 45n }),
  fc.constantFrom(0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const kind: fc.Arbitrary<Value['kind']> = fc.oneof(
  fc.constant(undefined),
  fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN)).map((value) => ({ $case: 'number' as const, value })),
  word.map((value) => ({ $case: 'text' as const, value })),
  fc.boolean().map((value) => ({ $case: 'truth' as const, value })),
  fc.array(word).map((values) => ({ $case: 'texts' as const, value: { values } })),
  fc.dictionary(word, fc.double()).map((byName) => ({
    $case: 'byName' as const,
    value: { values: Object.fromEntries(Object.entries(byName).map(([name, value]) => [name, { kind: { $case: 'number' as const, value } }])) },
  })),
);
const value = kind.map((given): Value => ({ kind: given }));
const named: fc.Arbitrary<NamedValue> = fc
  .record({
    name: word,
    status: fc.constantFrom(...Object.values(ValueStatus)),
    value: fc.option(value, { nil: undefined }),
    eventTimeMs: long,
    ageMs: fc.option(long, { nil: undefined }),
  })
  .map((given) => ({ ...given }));
const position: fc.Arbitrary<Position> = fc.record({ topic: word, partition: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), offset: long });
const row = fc.record({
  profileId: word,
  values: fc.array(named),
  position: fc.option(position, { nil: undefined }),
  nowMs: long,
  views: fc.array(fc.record({ view: word, values: fc.array(named) })),
});
const answer: fc.Arbitrary<GetFeaturesResponse> = fc.record({
  rows: fc.array(row),
  views: fc.array(fc.record({ name: word, version: word, purpose: word })),
});

test('the bytes of features are those of the generated encoder', () => {
  fc.assert(
    fc.property(answer, (given) => {
      expect(Buffer.from(featuresBytes(given)).equals(GetFeaturesResponse.encode(given).finish())).toBe(true);
    }),
    { numRuns: 300 },
  );
});

const profile: fc.Arbitrary<GetProfileResponse> = fc.record({
  profileId: word,
  features: fc.array(named),
  traits: fc.array(named),
  segments: fc.array(word),
  consent: fc.dictionary(word, fc.boolean()),
  position: fc.option(position, { nil: undefined }),
  nowMs: long,
  events: long,
  mergedProfileIds: fc.array(word),
  leaf: word,
});

test('the bytes of a whole profile are those of the generated encoder', () => {
  fc.assert(
    fc.property(profile, (given) => {
      expect(Buffer.from(wholeProfileBytes(given)).equals(GetProfileResponse.encode(given).finish())).toBe(true);
    }),
    { numRuns: 200 },
  );
});
