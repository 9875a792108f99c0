import type { Candidate, Exclusion } from '@attune/contracts/messages/log/v1/log';
import type { CampaignRule, NoAnswer, OfferRule, Rule } from './campaign-rules.ts';
import type { UsableValues } from './usable-values.ts';

/** How often an offer was sent and accepted so far. */
export interface OfferTally {
  readonly sent: number;
  readonly accepted: number;
}

/** Each offer of the campaign, sorted by name, with its chance, its score in minor units and what keeps it from winning. Probabilities are still 0. */
export const weighCandidates = (campaign: CampaignRule, usable: UsableValues, tallyOf: (offer: string) => OfferTally): Candidate[] =>
  campaign.offers.map((offer) => weighed(offer, campaign, usable, tallyOf(offer.name)));

/** The chance that an offer is accepted: its prior, and what was seen since. */
export const propensityOf = ({ prior }: Pick<OfferRule, 'prior'>, { sent, accepted }: OfferTally): number => (accepted + prior.accepted) / (sent + prior.sent);

function weighed(offer: OfferRule, { worth }: CampaignRule, usable: UsableValues, tally: OfferTally): Candidate {
  const propensity = propensityOf(offer, tally);
  const exclusions = exclusionsOf(offer, usable);
  const values = usable.valuesFor(worth);
  const score = worth.evaluate({ ...values, features: { ...values.features, propensity, value: offer.value, cost: offer.cost } });
  if (score.kind === 'unknown') exclusions.push({ reason: 'SCORE_UNKNOWN', detail: score.missing ?? worth.source });
  return {
    offer: offer.name,
    eligible: exclusions.length === 0,
    exclusions,
    valueMinor: minor(offer.value),
    costMinor: minor(offer.cost),
    propensity,
    score: score.kind === 'value' ? score.value * MINOR : 0,
    probability: 0,
  };
}

function exclusionsOf({ who }: OfferRule, usable: UsableValues): Exclusion[] {
  if (who === undefined) return [];
  const answer = who.evaluate(usable.valuesFor(who));
  if (answer.kind === 'holds') return [];
  return [answer.kind === 'fails' ? { reason: 'NOT_ELIGIBLE', detail: who.source } : unanswered(answer, who, usable)];
}

const unanswered = ({ missing }: NoAnswer, rule: Rule<unknown>, usable: UsableValues): Exclusion =>
  missing === undefined
    ? { reason: 'VALUE_MISSING', detail: rule.source }
    : { reason: usable.withheld(missing, rule) ? 'VALUE_WITHHELD' : 'VALUE_MISSING', detail: missing };

const MINOR = 100;
const minor = (major: number): bigint => BigInt(Math.round(major * MINOR));
