import { readFileSync } from 'node:fs';
import { Configurations } from '@attune/configuration/configurations';
import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import type { CampaignRule, Policy } from '../domain/campaign-rules.ts';
import { policyOf } from './policy-of.ts';

const window = { type: 'window', required: false, doc: 'Only events this young count.' } as const;
const unit = { type: 'unit', required: false, doc: 'The unit of the answer.' } as const;
const of = { type: 'event', required: true, doc: 'The event that has the field.' } as const;
const minEvents = { type: 'count', required: false, doc: 'Events needed before there is a value.' } as const;
const kinds: readonly FeatureKindSpec[] = [
  { keyword: 'count', operand: 'event', options: { window }, result: 'number', doc: 'How many events.' },
  { keyword: 'sum', operand: 'field', options: { of, window }, result: 'number', doc: 'The sum of a field.' },
  { keyword: 'time_since', operand: 'event', options: { unit }, result: 'number', doc: 'The time since the last event.' },
  { keyword: 'mean_gap', operand: 'event', options: { unit, min_events: minEvents }, result: 'number', doc: 'The mean time between events.' },
  { keyword: 'recent_items', operand: 'event', options: {}, result: 'items', doc: 'The items of events.' },
];

/** Compiles documents with the kinds of features that these shops use. */
export const configurations = new Configurations(kinds);

/** The document of the example shop. */
export const giftBarn = readFileSync(new URL('../../../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');

/** A shop with one of each thing that a decision can meet. */
export const smallShop = `
attune: 1
shop: { name: Small, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes:
  service: { basis: contract, keep: 1y, tell: { en: to serve } }
  personalise: { basis: legitimate_interest, keep: 1y, tell: { en: to choose } }
  marketing: { basis: consent, keep: 1y, tell: { en: to write } }
traits: { country: { type: string, purposes: [marketing] }, shoe: { type: number, purposes: [service] } }
events: { Bought: { fields: { total: { type: number } } }, Asked: {} }
features:
  orders: { count: Bought }
  spend: { sum: total, of: Bought }
  asked: { count: Asked, purposes: [service] }
segments: { regular: orders >= 3, curious: asked >= 1 }
offers:
  for_all: { message: all, value: 10, cost: 1, prior: { accepted: 1, sent: 5 } }
  for_regulars: { who: '"regular" in segments', message: regulars, value: 20, cost: 2, prior: { accepted: 1, sent: 4 } }
  for_askers: { who: asked >= 1 || orders >= 9, message: askers, value: 90 }
  for_curious: { who: '!("curious" in segments)', message: curious, value: 90 }
  for_spenders: { who: spend > 100 && traits.country == "GB", message: spenders, value: 30, cost: 0.3 }
campaigns:
  choice:
    purpose: marketing
    start: { when: enters, segment: regular }
    offers: [for_spenders, for_all, for_regulars, for_askers, for_curious]
    choose: { explore: 0.25 }
    channels: [email]
    goal: { event: Bought, within: 7d }
    holdout: 20%
    expires: 2d
  dear:
    purpose: marketing
    start: { when: leaves, segment: regular }
    offers: [for_all]
    choose: { by: propensity * value - cost - 5 + 0 * orders }
    channels: [email]
  sorry: { purpose: service, start: { when: enters, segment: curious }, message: sorry, channels: [email] }
`;

/** What the small shop says about decisions. */
export const smallPolicy: Policy = policyOf(configurations.of(smallShop));

/** A campaign by its name. */
export function campaignOf(name: string, policy: Policy = smallPolicy): CampaignRule {
  const found = policy.campaigns.find((campaign) => campaign.name === name);
  if (found === undefined) throw new Error(`no campaign ${name}`);
  return found;
}

/** Inputs with these numbers and texts; undefined is a missing value. Marketing is allowed unless said. */
export function inputsWith(
  values: Readonly<Record<string, number | string | undefined>>,
  { segments = [] as readonly string[], marketing = true } = {},
): DecisionInputs {
  const names = Object.keys(values).toSorted();
  return DecisionInputs.fromPartial({
    values: names.map((name) => namedValue(name, values[name])),
    segments: [...segments],
    consent: { service: true, personalise: true, marketing },
  });
}

function namedValue(name: string, value: number | string | undefined): NamedValue {
  if (value === undefined) return { name, status: ValueStatus.VALUE_STATUS_MISSING, value: undefined, eventTimeMs: 0n };
  const kind = typeof value === 'number' ? ({ $case: 'number', value } as const) : ({ $case: 'text', value } as const);
  return { name, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind }, eventTimeMs: 1n };
}
