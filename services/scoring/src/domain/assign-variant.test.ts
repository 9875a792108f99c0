import { Decision, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { expect, test } from 'vitest';
import { campaignOf, inputsWith, smallPolicy } from '../flows/shops.fixture.ts';
import { armShares, heldOutShare, variantAt } from './assign-variant.ts';
import type { CampaignRule, Policy, VariantRule } from './campaign-rules.ts';
import { chancesOf, decideOffer } from './decide-offer.ts';
import { decisionRecord } from './decision-record.ts';
import { placeAmongVariants, placeInHoldout, placeInShopHoldout } from './place-in-holdout.ts';
import { recompute } from './recompute.ts';

const choice = campaignOf('choice');
const variant = (name: string, share: number, more: Partial<VariantRule> = {}): VariantRule => {
  const { offers, worth, explore, exploration } = choice;
  return { name, share, offers, worth, explore, exploration, ...more };
};
const tested: CampaignRule = {
  ...choice,
  holdout: 0.1,
  variants: [variant('as_before', 0.5), variant('more_chance', 0.3, { explore: 1 }), variant('plain', 0.2, { offers: [], message: 'hello' })],
};
const regular = inputsWith({ orders: 3 }, { segments: ['regular'] });
const questionOf = (profileId: string, campaign: CampaignRule = tested) => ({
  ...{ tenant: 'default', profileId, campaign, policy: smallPolicy, inputs: regular, seed: `d_${profileId}` },
  tallyOf: () => ({ sent: 0, accepted: 0 }),
});
const ask = (profileId: string, campaign?: CampaignRule) => decideOffer(questionOf(profileId, campaign));
const ids = Array.from({ length: 2_000 }, (_, i) => `p_${i}`);
const decided = new Map(ids.map((id) => [id, ask(id)]));

test('customers come into variants by their shares, and each stays where it is', () => {
  for (const id of ids.slice(0, 200)) expect(ask(id)).toEqual(decided.get(id));
  const shareOf = (name: string) => [...decided.values()].filter((one) => one.variant === name).length / ids.length;
  for (const [name, share] of Object.entries({ '': 0.1, as_before: 0.45, more_chance: 0.27, plain: 0.18 }))
    expect(Math.abs(shareOf(name) - share)).toBeLessThan(0.035);
});

test('a wider variant keeps everybody whom a narrower first one had', () => {
  const [half, more] = [0.5, 0.7].map((share) => ({ variants: [variant('a', share), variant('b', 1 - share)] }));
  if (half === undefined || more === undefined) throw new Error('no variants');
  for (const place of [0, 0.25, 0.4999]) expect(variantAt(more, place)?.name).toBe(variantAt(half, place)?.name);
  expect(variantAt(half, 1 - 2 ** -53)?.name).toBe('b');
  expect(variantAt({ variants: [] }, 0.5)).toBeUndefined();
});

test('the place among variants, in the holdout and in that of the shop tell nothing of each other, nor those of two campaigns', () => {
  const below = (places: readonly number[], i: number) => (places[i] ?? 0) < 0.5;
  const places = [
    ids.map((profileId) => placeAmongVariants({ tenant: 'default', campaign: 'one', profileId })),
    ids.map((profileId) => placeAmongVariants({ tenant: 'default', campaign: 'two', profileId })),
    ids.map((profileId) => placeInHoldout({ tenant: 'default', campaign: 'one', profileId })),
    ids.map((profileId) => placeInShopHoldout({ tenant: 'default', profileId })),
  ];
  for (const [a, one] of places.entries())
    for (const other of places.slice(a + 1))
      expect(Math.abs(ids.filter((_, i) => below(one, i) === below(other, i)).length / ids.length - 0.5)).toBeLessThan(0.045);
});

test('each variant does what it says, and what it does not say is the campaign’s', () => {
  const of = (name: string) => [...decided.values()].filter((one) => one.variant === name);
  expect(of('plain').every(({ outcome, message }) => outcome === DecisionOutcome.DECISION_OUTCOME_MESSAGE && message === 'hello')).toBe(true);
  expect(of('more_chance').every(({ explored, exploreRate }) => explored && exploreRate === 1)).toBe(true);
  expect(of('as_before').some(({ explored }) => explored)).toBe(true);
  expect(of('as_before').every(({ exploreRate, offer }) => exploreRate === 0.25 && offer !== '')).toBe(true);
  const idIn = (name: string) => ids.find((id) => decided.get(id)?.variant === name) ?? '';
  expect(chancesOf(questionOf(idIn('more_chance')))('for_all')).toBe(0.5);
  expect(chancesOf(questionOf(idIn('as_before')))('for_all')).toBe(0.125);
});

test('whom the shop holds out, no promotion of any campaign reaches, and of the others each campaign holds out its share', () => {
  const shops = { ...tested, shopHoldout: 0.2 };
  const held = ids.filter((profileId) => placeInShopHoldout({ tenant: 'default', profileId }) < 0.2);
  expect(held.length / ids.length).toBeCloseTo(0.2, 1);
  for (const campaign of [shops, { ...campaignOf('dear'), shopHoldout: 0.2 }])
    for (const id of held) expect(ask(id, campaign)).toMatchObject({ outcome: DecisionOutcome.DECISION_OUTCOME_HELD_OUT, variant: '' });
  const all = ids.filter((id) => ask(id, shops).outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT);
  expect(Math.abs(all.length / ids.length - heldOutShare(shops))).toBeLessThan(0.035);
  expect(heldOutShare(shops)).toBeCloseTo(0.28, 12);
});

test('the shares of all arms make one', () => {
  expect(armShares({ ...tested, shopHoldout: 0.2 })).toEqual({
    held_out: expect.closeTo(0.28, 12),
    as_before: expect.closeTo(0.36, 12),
    more_chance: expect.closeTo(0.216, 12),
    plain: expect.closeTo(0.144, 12),
  });
  expect(armShares({ ...choice, holdout: 0 })).toEqual({ treated: 1 });
});

const noSeal = () => ({ keyId: 'k', nonce: new Uint8Array(), ciphertext: new Uint8Array() });
const hash = (text: string): string => Buffer.from(text).toString('base64url').slice(-22).padStart(22, '_');
function recordOf(profileId: string, campaign: CampaignRule): { readonly record: Decision; readonly policy: Policy } {
  const policy = { ...smallPolicy, campaigns: [campaign] };
  const asked = { tenant: 'default', profileId, campaign, policy, cause: `c/${profileId}`, nowMs: 1, inputs: regular, position: undefined, hops: 0 };
  return { policy, record: decisionRecord({ ...asked, tallyOf: () => ({ sent: 0, accepted: 0 }), seal: noSeal, hash }) };
}

test('a decision in a variant is decided again from its record, bit for bit, and another place is found', () => {
  for (const id of ids.slice(0, 60)) {
    const { record, policy } = recordOf(id, { ...tested, shopHoldout: 0.2 });
    const again = (one: Decision) => recompute({ record: one, inputs: regular, policy, tenant: 'default', seal: noSeal, hash });
    expect(again(Decision.decode(Decision.encode(record).finish())).identical).toBe(true);
    expect(again({ ...record, variantPlace: record.variantPlace / 2 }).identical).toBe(false);
  }
});

test('the record of a campaign without variants, of a shop without a holdout, is what it was before there were any', () => {
  const told = Decision.toJSON(recordOf('p_1', choice).record) as Record<string, unknown>;
  for (const name of ['variant', 'variantPlace', 'shopHoldoutPlace', 'shopHoldoutShare']) expect(told[name] ?? 0).toBe(0);
});
