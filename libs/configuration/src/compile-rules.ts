import { compileLearning, type KnownValues } from './compile-learning.ts';
import { compileVariants } from './compile-variants.ts';
import { type Compiled, compileAmount, compileCondition, type KnownNames, type Truth, type ValueType } from './conditions.ts';
import type { Campaign, Offer, Segment } from './configuration.ts';
import { accepted, type Rules } from './rules.ts';
import type { AttuneDocument } from './schema.ts';

/** A segment names features and traits only, so that the segments of a customer depend on no order. */
export function compileSegments({ document, review, names }: Rules): Segment[] {
  const withoutSegments: KnownNames = { ...names, segments: new Set() };
  return Object.entries(document.segments).flatMap(([name, source]) => {
    const rule = accepted(compileCondition(source, withoutSegments), ['segments', name], review);
    return rule === undefined ? [] : [{ name, rule }];
  });
}

/** Offers with their conditions compiled; without a prior, 1 of 20 is assumed. */
export function compileOffers({ document, review, names, messages }: Rules): Offer[] {
  return Object.entries(document.offers).map(([name, offer]) => {
    const who: Compiled<Truth> | undefined =
      offer.who === undefined ? undefined : accepted(compileCondition(offer.who, names), ['offers', name, 'who'], review);
    if (messages !== undefined) review.known({ path: ['offers', name, 'message'], what: 'message', name: offer.message, among: messages });
    const prior = offer.prior ?? { accepted: 1, sent: 20 };
    return { name, ...(who && { who }), message: offer.message, value: offer.value, cost: offer.cost, prior };
  });
}

/** Campaigns with their names resolved and their choice compiled. */
export function compileCampaigns(rules: Rules, known: KnownValues): Campaign[] {
  const { document, review, names, messages } = rules;
  const candidate = new Map<string, { type: ValueType }>(['propensity', 'value', 'cost'].map((name) => [name, { type: 'number' }]));
  const amounts: KnownNames = { ...names, features: new Map([...names.features, ...candidate]) };
  return Object.entries(document.campaigns).flatMap(([name, campaign]) => {
    const path = ['campaigns', name];
    review.known({ path: [...path, 'purpose'], what: 'purpose', name: campaign.purpose, among: Object.keys(document.purposes) });
    for (const [i, segment] of campaign.start.segment.entries()) {
      review.known({ path: [...path, 'start', 'segment', i], what: 'segment', name: segment, among: names.segments });
    }
    for (const [i, offer] of (campaign.offers ?? []).entries())
      review.known({ path: [...path, 'offers', i], what: 'offer', name: offer, among: Object.keys(document.offers) });
    if (campaign.message !== undefined && messages !== undefined)
      review.known({ path: [...path, 'message'], what: 'message', name: campaign.message, among: messages });
    if (campaign.goal !== undefined)
      review.known({ path: [...path, 'goal', 'event'], what: 'event', name: campaign.goal.event, among: Object.keys(document.events) });
    const by = accepted(compileAmount(campaign.choose?.by ?? 'propensity * value - cost', amounts), [...path, 'choose', 'by'], review);
    if (by === undefined) return [];
    const compiled = campaignOf(name, campaign, by);
    const learn = compileLearning(rules, { ...compiled, choose: campaign.choose, path: [...path, 'choose'], offers: compiled.offers.length }, known);
    const whole = { ...compiled, choose: { ...compiled.choose, ...(learn && { learn }) } };
    return [{ ...whole, variants: compileVariants(rules, { campaign: whole, written: campaign.variants ?? {}, amounts, known }) }];
  });
}

function campaignOf(name: string, written: AttuneDocument['campaigns'][string], by: Campaign['choose']['by']): Campaign {
  return {
    name,
    purpose: written.purpose,
    start: { when: written.start.when, segments: written.start.segment, redefined: written.start.redefined },
    offers: written.offers ?? [],
    ...(written.message !== undefined && { message: written.message }),
    choose: { by, explore: written.choose?.explore ?? 0, exploration: written.choose?.exploration ?? 'epsilon' },
    channels: written.channels,
    ...(written.goal && { goal: { event: written.goal.event, withinMs: written.goal.within } }),
    holdout: written.holdout ?? 0,
    variants: [],
    ...(written.expires !== undefined && { expiresMs: written.expires }),
  };
}
