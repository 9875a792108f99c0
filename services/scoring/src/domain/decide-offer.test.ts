import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type DecisionInputs, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { campaignOf, inputsWith, smallPolicy } from '../flows/shops.fixture.ts';
import type { CampaignRule } from './campaign-rules.ts';
import { decideOffer, type OfferQuestion } from './decide-offer.ts';
import { placeInHoldout } from './place-in-holdout.ts';

const everyone: CampaignRule = { ...campaignOf('choice'), holdout: 0, explore: 0 };
const ask = (inputs: DecisionInputs, more: Partial<OfferQuestion> = {}) =>
  decideOffer({
    tenant: 'default',
    profileId: 'p_ada',
    campaign: everyone,
    policy: smallPolicy,
    inputs,
    tallyOf: () => ({ sent: 0, accepted: 0 }),
    seed: 'd_1',
    ...more,
  });
const candidate = (decided: ReturnType<typeof ask>, offer: string) => decided.candidates.find((one) => one.offer === offer);

test('without consent for its purpose a campaign does nothing, not even for the holdout', () => {
  const decided = ask(inputsWith({ orders: 5 }, { marketing: false }), { campaign: { ...everyone, holdout: 1 } });
  expect(decided).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_NO_CONSENT, offer: '', message: '', candidates: [] });
});

test('consent that is not told counts as denied, and a contract needs none', () => {
  const inputs = { ...inputsWith({}), consent: {} };
  expect(ask(inputs).outcome).toBe(DecisionOutcome.DECISION_OUTCOME_NO_CONSENT);
  expect(ask(inputs, { campaign: campaignOf('sorry') })).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_MESSAGE, message: 'sorry', propensity: 1 });
});

test('a profile below the share of the holdout gets nothing', () => {
  const place = placeInHoldout({ tenant: 'default', campaign: 'choice', profileId: 'p_ada' });
  const at = (holdout: number) => ask(inputsWith({}), { campaign: { ...everyone, holdout } });
  expect(at(place + 1e-9)).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_HELD_OUT, holdoutPlace: place, candidates: [] });
  expect(at(place).outcome).not.toBe(DecisionOutcome.DECISION_OUTCOME_HELD_OUT);
});

test('the best score wins, from the prior and what was seen, in minor units', () => {
  const first = ask(inputsWith({ orders: 3 }, { segments: ['regular'] }));
  expect(first).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_OFFER, offer: 'for_regulars', message: 'regulars', propensity: 1, explored: false });
  expect(candidate(first, 'for_regulars')).toMatchObject({ propensity: 0.25, score: 300, valueMinor: 2000n, costMinor: 200n, probability: 1 });
  const later = ask(inputsWith({ orders: 3 }, { segments: ['regular'] }), { tallyOf: (offer) => ({ sent: 5, accepted: offer === 'for_all' ? 4 : 0 }) });
  expect(later.offer).toBe('for_all');
  expect(candidate(later, 'for_all')?.propensity).toBe(0.5);
});

test('a condition that fails, a value that is missing and one that is withheld are told apart', () => {
  const decided = ask(inputsWith({ orders: 3, spend: undefined, asked: 4, 'traits.country': 'GB' }));
  expect(candidate(decided, 'for_regulars')?.exclusions).toEqual([{ reason: 'NOT_ELIGIBLE', detail: '"regular" in segments' }]);
  expect(candidate(decided, 'for_spenders')?.exclusions).toEqual([{ reason: 'VALUE_MISSING', detail: 'spend' }]);
  expect(candidate(decided, 'for_askers')?.exclusions).toEqual([{ reason: 'VALUE_WITHHELD', detail: 'asked' }]);
  expect(candidate(decided, 'for_curious')?.exclusions).toEqual([{ reason: 'VALUE_WITHHELD', detail: 'segments' }]);
});

test('a value that came withheld stays so', () => {
  const inputs = inputsWith({ spend: 500, 'traits.country': 'GB' });
  expect(candidate(ask(inputs), 'for_spenders')?.eligible).toBe(true);
  const values = inputs.values.map((value) => (value.name === 'spend' ? { ...value, status: ValueStatus.VALUE_STATUS_WITHHELD } : value));
  expect(candidate(ask({ ...inputs, values }), 'for_spenders')?.exclusions).toEqual([{ reason: 'VALUE_WITHHELD', detail: 'spend' }]);
});

test('nothing wins where no offer is worth more than it, also at an equal score', () => {
  const dear = campaignOf('dear');
  expect(ask(inputsWith({ orders: 1 }), { campaign: dear })).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_NOTHING, offer: '', message: '' });
  const equal = ask(inputsWith({ orders: 1 }), { campaign: dear, tallyOf: () => ({ sent: 0, accepted: 2 }) });
  expect(candidate(equal, 'for_all')?.score).toBe(0);
  expect(equal.outcome).toBe(DecisionOutcome.DECISION_OUTCOME_NOTHING);
});

test('an offer whose score cannot be known cannot win', () => {
  const decided = ask(inputsWith({}), { campaign: campaignOf('dear'), tallyOf: () => ({ sent: 0, accepted: 5 }) });
  expect(decided.candidates[0]).toMatchObject({ eligible: false, exclusions: [{ reason: 'SCORE_UNKNOWN', detail: 'orders' }], probability: 0 });
});

test('equal scores go to the first name', () => {
  const [offer] = campaignOf('dear').offers;
  if (offer === undefined) throw new Error('no offer');
  const offers = ['b', 'c', 'd'].map((name) => ({ ...offer, name }));
  expect(ask(inputsWith({}), { campaign: { ...everyone, offers } }).offer).toBe('b');
});

const someInputs = fc
  .record({
    orders: fc.option(fc.nat(12), { nil: undefined }),
    spend: fc.option(
      fc.integer({ min: 0, max: 40_000 }).map((cents) => cents / 100),
      { nil: undefined },
    ),
    asked: fc.option(fc.nat(2), { nil: undefined }),
    'traits.country': fc.constantFrom('GB', 'ID', undefined),
  })
  .chain((values) => fc.subarray(['curious', 'regular']).map((segments) => inputsWith(values, { segments })));
const someTally = fc.nat(30).chain((accepted) => fc.nat(60).map((refused) => ({ sent: accepted + refused, accepted })));

test('the chances of all offers and of nothing make one, and the winner has the chance that is recorded', () => {
  fc.assert(
    fc.property(
      someInputs,
      fc.array(someTally, { minLength: 5, maxLength: 5 }),
      fc.string(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (inputs, tallies, seed, rate) => {
        const campaign = { ...everyone, explore: rate };
        const tallyOf = (offer: string) => tallies[campaign.offers.findIndex(({ name }) => name === offer)] ?? { sent: 0, accepted: 0 };
        const question = { tenant: 'default', profileId: 'p', campaign, policy: smallPolicy, inputs, tallyOf, seed };
        const decided = decideOffer(question);
        const offers = decided.candidates.reduce((sum, { probability }) => sum + probability, 0);
        const eligible = decided.candidates.filter((one) => one.eligible);
        const nothingIsBest = eligible.every(({ score }) => score <= 0);
        const nothing = nothingIsBest ? (eligible.length > 0 ? 1 - rate : 1) : 0;
        expect(offers + nothing).toBeCloseTo(1, 12);
        expect(decided.propensity).toBe(decided.offer === '' ? nothing : candidate(decided, decided.offer)?.probability);
        expect(candidate(decided, decided.offer)?.eligible ?? nothingIsBest).toBe(true);
      },
    ),
  );
});

test('over many seeds offers are drawn as often as their recorded chance says', () => {
  const campaign = { ...everyone, explore: 0.4 };
  const draws = Array.from({ length: 8_000 }, (_, i) => ask(inputsWith({ orders: 3 }, { segments: ['regular'] }), { campaign, seed: `d_${i}` }));
  for (const { offer, probability } of draws[0]?.candidates ?? []) {
    expect(Math.abs(draws.filter((drawn) => drawn.offer === offer).length / draws.length - probability)).toBeLessThan(0.02);
  }
  expect(Math.abs(draws.filter(({ explored }) => explored).length / draws.length - 0.4)).toBeLessThan(0.02);
});

test('what a withheld value says changes nothing', () => {
  fc.assert(
    fc.property(someInputs, fc.nat(3), fc.boolean(), fc.string(), (inputs, asked, curious, seed) => {
      const values = inputs.values.map((value) =>
        value.name === 'asked' ? { ...value, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind: { $case: 'number' as const, value: asked } } } : value,
      );
      const segments = inputs.segments.filter((name) => name !== 'curious');
      const other = { ...inputs, values, segments: curious ? ['curious', ...segments] : segments };
      const [one, two] = [ask(inputs, { seed }), ask(other, { seed })];
      expect(one.offer).toBe(two.offer);
      expect(one.candidates.map(({ eligible }) => eligible)).toEqual(two.candidates.map(({ eligible }) => eligible));
      expect(candidate(two, 'for_curious')?.eligible).toBe(false);
    }),
  );
});

test('the holdout holds out its share, the same profiles each time, and others in another campaign', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `p_${i}`);
  const heldOut = (campaign: string) => ids.filter((profileId) => placeInHoldout({ tenant: 'default', campaign, profileId }) < 0.1);
  const [one, again, other] = [heldOut('a'), heldOut('a'), heldOut('b')];
  expect(Math.abs(one.length / ids.length - 0.1)).toBeLessThan(0.007);
  expect(again).toEqual(one);
  const both = one.filter((id) => other.includes(id)).length;
  expect(Math.abs(both / ids.length - 0.01)).toBeLessThan(0.004);
});

test('deciding touches nothing of the world and edits nothing', () => {
  const call = (inputs: DecisionInputs, seed: string) => ask(inputs, { seed });
  expect(sealed({ call, given: () => [inputsWith({ orders: 3 }, { segments: ['regular'] }), 'd_7'] }).offer).toBe('for_regulars');
});
