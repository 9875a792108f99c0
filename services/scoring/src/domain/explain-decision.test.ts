import { Decision, type DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import { expect, test } from 'vitest';
import { campaignOf, inputsWith, smallPolicy } from '../flows/shops.fixture.ts';
import type { CampaignRule } from './campaign-rules.ts';
import { decisionRecord } from './decision-record.ts';
import { explainDecision } from './explain-decision.ts';

const choice: CampaignRule = { ...campaignOf('choice'), holdout: 0, explore: 0 };
const noSeal = () => ({ keyId: 'k', nonce: new Uint8Array(), ciphertext: new Uint8Array() });

function told(campaign: CampaignRule, inputs: DecisionInputs, tally = { sent: 0, accepted: 0 }): readonly string[] {
  const question = { tenant: 'default', profileId: 'p_ada', campaign, policy: smallPolicy, cause: 'c', nowMs: 1, inputs, position: undefined, hops: 0 };
  const decision: Decision = decisionRecord({ ...question, tallyOf: () => tally, seal: noSeal, hash: () => 'x'.repeat(22) });
  return explainDecision({ decision, campaign, identical: true });
}

test('a winner is told with its sum, the others in the order of their chances, and what would have won', () => {
  expect(told(choice, inputsWith({ orders: 3, spend: 20, 'traits.country': 'GB' }, { segments: ['regular'] }))).toEqual([
    'for_regulars won: it has the best score of 2 offers that could be made, and more than nothing.',
    'for_regulars could be made: 20.00 × 0.2500 − 2.00 = 3.00.',
    'for_all could be made: 10.00 × 0.2000 − 1.00 = 1.00.',
    'for_askers could not be made, because asked may not be used for this purpose (90.00 × 0.0500 − 0.00 = 4.50).',
    'for_curious could not be made, because segments may not be used for this purpose (90.00 × 0.0500 − 0.00 = 4.50).',
    'for_spenders could not be made, because spend > 100 && traits.country == "GB" does not hold (30.00 × 0.0500 − 0.30 = 1.20).',
    'The place of the profile in the holdout of choice is 0.0772; held out is who stands below 0.',
    'The campaign never draws an offer at random.',
    'It would be different if asked could be used and let the condition hold: for_askers would then win with a score of 4.50.',
    'Deciding again from the record gave the same record, bit for bit.',
  ]);
});

test('the chance of what came of it is told where the campaign explores', () => {
  expect(told({ ...choice, explore: 0.2 }, inputsWith({ orders: 1 }))).toContain(
    'With a chance of 20 % the campaign draws an offer at random, which it did not do here; the chance of this outcome was 100 %.',
  );
});

test('without consent only that is told', () => {
  expect(told(choice, inputsWith({ orders: 3 }, { marketing: false })).slice(0, 2)).toEqual([
    'Nothing was sent because consent does not cover marketing, the purpose of choice.',
    'It would be different if consent covered marketing.',
  ]);
});

test('a held-out profile is told of its place', () => {
  expect(told({ ...choice, holdout: 0.9 }, inputsWith({}))).toEqual([
    'Nothing was sent because the profile is in the holdout of choice, which shows what happens without it.',
    'The place of the profile in the holdout of choice is 0.0772; held out is who stands below 0.9.',
    'It would be different if the place were 0.9 or more.',
    'Deciding again from the record gave the same record, bit for bit.',
  ]);
});

test('where nothing was worth its cost the chance that would have been enough is told', () => {
  const onlyForAll = { ...choice, offers: choice.offers.filter(({ name }) => name === 'for_all') };
  const sentences = told(onlyForAll, inputsWith({}), { sent: 15, accepted: 0 });
  expect(sentences[0]).toBe('Nothing was sent because no offer that could be made is worth more than its cost.');
  expect(sentences).toContain('It would be different if the chance that for_all is accepted were above 10 % instead of 5 %.');
});

test('a score that is unknown and an exploring draw are told as such', () => {
  expect(told(campaignOf('dear'), inputsWith({})).slice(0, 2)).toEqual([
    'Nothing was sent because no offer of dear could be made.',
    'for_all could not be made, because orders is needed for its score and not known (its score is unknown).',
  ]);
  expect(told({ ...choice, explore: 1 }, inputsWith({}))[0]).toBe('for_all was drawn by chance among the one offer that could be made, to learn how it does.');
});

test('a record that does not come out the same, and one whose configuration is gone, are told apart', () => {
  const decision = Decision.fromPartial({ campaign: 'gone', outcome: 5 });
  expect(explainDecision({ decision, campaign: choice, identical: false }).at(-1)).toBe(
    'Deciding again from the record gave another record: the record was changed, or other code decided.',
  );
  expect(explainDecision({ decision, campaign: undefined, identical: false }).at(-1)).toBe(
    'The configuration that it was taken under is not kept any more, so it could not be decided again.',
  );
});
