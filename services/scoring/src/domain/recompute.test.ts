import { Candidate, Decision, type DecisionInputs, type DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idHash, openInputs, sealInputs } from '../flows/seal-inputs.ts';
import { inputsWith, smallPolicy } from '../flows/shops.fixture.ts';
import { decisionRecord } from './decision-record.ts';
import { recompute } from './recompute.ts';

const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
const ring = new KeyRing(keys, { elapsedMs: () => 0, sleep: async () => {} });
const profiles = Array.from({ length: 20 }, (_, i) => `p_${i}`);
beforeAll(() => ring.ensure('default', profiles.map(subjectKey)));
afterAll(() => keys.close());

const number = fc.option(fc.double({ min: 0, max: 400, noNaN: true }), { nil: undefined });
const values = fc.record({ orders: number, spend: number, asked: number, 'traits.country': fc.constantFrom('GB', 'ID', undefined) });
const tally = fc.nat(500).chain((accepted) => fc.nat(5_000).map((refused) => ({ sent: accepted + refused, accepted })));
const question = fc.record({
  campaign: fc.constantFrom(...smallPolicy.campaigns),
  profileId: fc.constantFrom(...profiles),
  cause: fc.oneof(
    fc.string(),
    fc.string().map((id) => `request/${id}`),
  ),
  nowMs: fc.integer({ min: 1e12, max: 2e12 }),
  inputs: values.chain((named) =>
    fc.subarray(['curious', 'regular']).chain((segments) => fc.boolean().map((marketing) => inputsWith(named, { segments, marketing }))),
  ),
  tallies: fc.array(tally, { minLength: 5, maxLength: 5 }),
  hops: fc.nat(3),
});
type Question = typeof question extends fc.Arbitrary<infer It> ? It : never;

function taken({ campaign, profileId, tallies, ...rest }: Question): Decision {
  const tallyOf = (offer: string) => tallies[campaign.offers.findIndex(({ name }) => name === offer)] ?? { sent: 0, accepted: 0 };
  const position = { topic: 'attune.activity.v1', partition: 2, offset: 77n };
  const seal = sealInputs(ring, { tenant: 'default', profileId });
  const record = decisionRecord({ ...rest, tenant: 'default', profileId, campaign, policy: smallPolicy, position, tallyOf, seal, hash: idHash });
  return Decision.decode(Decision.encode(record).finish());
}

function again(record: Decision, change: (inputs: DecisionInputs) => DecisionInputs = (inputs) => inputs) {
  const of = { tenant: 'default', profileId: record.profileId };
  if (record.inputs === undefined) throw new Error('no inputs');
  const inputs = change(openInputs(ring, of, record.id, record.inputs));
  return recompute({ record, inputs, policy: smallPolicy, tenant: 'default', seal: sealInputs(ring, of), hash: idHash });
}

test('any decision comes out the same from its record, bit for bit', () => {
  const outcomes = new Set<number>();
  fc.assert(
    fc.property(question, (asked) => {
      const record = taken(asked);
      outcomes.add(record.outcome);
      const { identical, decision } = again(record);
      expect(decision && Decision.toJSON(decision)).toEqual(Decision.toJSON(record));
      expect(identical).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(outcomes.size).toBe(5);
});

const flipped = (value: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setUint8(7, view.getUint8(7) ^ 1);
  return view.getFloat64(0);
};

test('one changed bit of a count, a value or a score is found', () => {
  fc.assert(
    fc.property(question, fc.nat(), (asked, at) => {
      const record = taken(asked);
      fc.pre(record.candidates.length > 0);
      const place = at % record.candidates.length;
      const withCandidate = (change: (one: Decision['candidates'][number]) => Partial<Decision['candidates'][number]>): Decision => ({
        ...record,
        candidates: record.candidates.map((one, i) => (i === place ? { ...one, ...change(one) } : one)),
      });
      const counts = (change: (one: Decision['counts'][number]) => Partial<Decision['counts'][number]>): Decision => ({
        ...record,
        counts: record.counts.map((one, i) => (i === place ? { ...one, ...change(one) } : one)),
      });
      for (const planted of [
        counts(({ sent }) => ({ sent: sent ^ 1n })),
        counts(({ accepted }) => ({ accepted: accepted ^ 1n })),
        withCandidate(({ valueMinor }) => ({ valueMinor: valueMinor ^ 1n })),
        withCandidate(({ propensity }) => ({ propensity: flipped(propensity) })),
        withCandidate(({ score }) => ({ score: flipped(score) })),
        { ...record, holdoutPlace: flipped(record.holdoutPlace) },
        { ...record, seed: `${record.seed}x` },
      ])
        expect(again(planted).identical).toBe(false);
    }),
  );
});

test('a record that tells anything else of the decision than what comes of it is found, word by word', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const record = taken(asked);
      const changed: readonly Partial<Decision>[] = [
        { outcome: ((record.outcome % 5) + 1) as DecisionOutcome },
        { offer: `${record.offer}x` },
        { message: `${record.message}x` },
        { propensity: flipped(record.propensity) },
        { explored: !record.explored },
        { exploreRate: flipped(record.exploreRate) },
        { holdoutShare: flipped(record.holdoutShare) },
        { candidates: [...record.candidates, ...record.candidates, ...(record.candidates.length === 0 ? [Candidate.fromPartial({ offer: 'x' })] : [])] },
        { candidates: record.candidates.map((one) => ({ ...one, probability: flipped(one.probability), eligible: !one.eligible })) },
        { purpose: `${record.purpose}x` },
        { promotional: !record.promotional },
        { channels: [...record.channels, 'pigeon'] },
        { expiresAtMs: record.expiresAtMs + 1n },
        { consent: { ...record.consent, marketing: record.consent['marketing'] !== true } },
        { cause: `${record.cause}x` },
        { runtimeVersion: 'decide-offer/0' },
        { configurationVersion: 'other' },
      ];
      for (const [place, change] of changed.entries()) {
        if (change.candidates?.length === 0) continue;
        expect({ place, identical: again({ ...record, ...change }).identical }).toEqual({ place, identical: false });
      }
    }),
    { numRuns: 60 },
  );
});

test('one changed bit of an opened value is found, even where no rule reads it', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const record = taken(asked);
      const planted = (inputs: DecisionInputs): DecisionInputs => ({
        ...inputs,
        values: inputs.values.map((named) =>
          named.value?.kind?.$case === 'number' ? { ...named, value: { kind: { $case: 'number', value: flipped(named.value.kind.value) } } } : named,
        ),
      });
      const has = asked.inputs.values.some(({ value }) => value?.kind?.$case === 'number');
      expect(again(record, planted).identical).toBe(!has);
    }),
  );
});

test('a decision that an application asked for names no channels, and one without an end has none', () => {
  const [choice, sorry] = ['choice', 'sorry'].map((name) => smallPolicy.campaigns.find((campaign) => campaign.name === name));
  if (choice === undefined || sorry === undefined) throw new Error('no campaign');
  const asked = { profileId: 'p_1', nowMs: 1_000, inputs: inputsWith({}), tallies: [], hops: 1 };
  expect(taken({ ...asked, campaign: choice, cause: 'request/1' })).toMatchObject({
    channels: [],
    promotional: true,
    expiresAtMs: BigInt(1_000 + 2 * 86_400_000),
    hops: 2,
  });
  expect(taken({ ...asked, campaign: sorry, cause: 'p_1/0/7/curious' })).toMatchObject({ channels: ['email'], promotional: false, expiresAtMs: 0n });
  expect(taken({ ...asked, campaign: sorry, cause: 'a' }).id).toMatch(/^d_[\w-]{22}$/);
});
