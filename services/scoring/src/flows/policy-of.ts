import type { Compiled } from '@attune/configuration/conditions';
import type { Campaign, Configuration, Offer } from '@attune/configuration/configuration';
import { purposesByName, sharedPurposes } from '@attune/configuration/shared-purposes';
import type { CampaignRule, OfferRule, Policy, Rule } from '../domain/campaign-rules.ts';

/** What a configuration says about decisions; made once for each. */
export function policyOf(configuration: Configuration): Policy {
  const made = policies.get(configuration) ?? newPolicy(configuration);
  policies.set(configuration, made);
  return made;
}

const policies = new WeakMap<Configuration, Policy>();

function newPolicy(configuration: Configuration): Policy {
  const { purposes, segments } = configuration;
  const needsNoConsent = new Set(Object.keys(purposes).filter((name) => ['contract', 'legal_obligation'].includes(purposes[name]?.basis ?? '')));
  return {
    version: configuration.version,
    campaigns: configuration.campaigns.map((campaign) => ({
      ...campaignRule(campaign, configuration.offers),
      shopHoldout: needsNoConsent.has(campaign.purpose) ? 0 : configuration.holdout,
    })),
    purposesOf: purposesByName(configuration),
    segmentPurposesOf: new Map(segments.map(({ name, rule }) => [name, sharedPurposes(configuration, rule.reads)])),
    needsNoConsent,
  };
}

function campaignRule({ choose, offers: names, variants, ...campaign }: Campaign, offers: readonly Offer[]): Omit<CampaignRule, 'shopHoldout'> {
  return {
    ...campaign,
    ...chosenBy({ choose, offers: names }, offers),
    variants: variants.map(({ choose, offers: names, ...variant }) => ({ ...variant, ...chosenBy({ choose, offers: names }, offers) })),
  };
}

function chosenBy(
  { choose, offers: names }: Pick<Campaign, 'choose' | 'offers'>,
  offers: readonly Offer[],
): Pick<CampaignRule, 'offers' | 'worth' | 'explore' | 'exploration' | 'learn'> {
  const chosen = offers.filter(({ name }) => names.includes(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { by, explore, exploration, learn } = choose;
  return { offers: chosen.map(offerRule), worth: ruleOf(by), explore, exploration, ...(learn && { learn }) };
}

const offerRule = ({ who, ...offer }: Offer): OfferRule => ({ ...offer, ...(who && { who: ruleOf(who) }) });

const ruleOf = <Answer>({ source, reads, evaluate }: Compiled<Answer>): Rule<Answer> => ({
  source,
  segments: onlyNamed(source) ? reads.segments : 'all',
  evaluate,
});

/** True when each mention of `segments` asks for one segment by its name. */
const onlyNamed = (source: string): boolean => (source.match(/\bsegments\b/g) ?? []).length === (source.match(/["']\w+["']\s+in\s+segments\b/g) ?? []).length;
