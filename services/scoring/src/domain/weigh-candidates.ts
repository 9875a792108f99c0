import type { Candidate, Exclusion } from '@attune/contracts/messages/log/v1/log';
import type { CampaignRule, NoAnswer, OfferRule, Rule, Worth } from './campaign-rules.ts';
import type { Prediction } from './learning/posterior.ts';
import type { UsableValues } from './usable-values.ts';

/** How often an offer was sent and accepted so far. */
export interface OfferTally {
  readonly sent: number;
  readonly accepted: number;
}

/** An offer that was weighed. */
export interface Weighed {
  /** Its probability is still 0. */
  readonly candidate: Candidate;
  /** How far the score may be from what it is expected to be: a standard deviation, in minor units; 0 where it is taken as it stands. */
  readonly spread: number;
}

/** Each offer of the campaign, sorted by name, with its chance, its score in minor units and what keeps it from winning. */
export const weighCandidates = (campaign: CampaignRule, usable: UsableValues, chanceOf: (offer: OfferRule) => Prediction): Weighed[] =>
  campaign.offers.map((offer) => weighed(offer, campaign, usable, chanceOf(offer)));

/** The chance that an offer is accepted: its prior, and what was seen since. */
export const propensityOf = ({ prior }: Pick<OfferRule, 'prior'>, { sent, accepted }: OfferTally): number => (accepted + prior.accepted) / (sent + prior.sent);

function weighed(offer: OfferRule, { worth, exploration }: CampaignRule, usable: UsableValues, { mean: propensity, deviation }: Prediction): Weighed {
  const exclusions = exclusionsOf(offer, usable);
  const values = usable.valuesFor(worth);
  const worthAt = (chance: number): ReturnType<Worth['evaluate']> =>
    worth.evaluate({ ...values, features: { ...values.features, propensity: chance, value: offer.value, cost: offer.cost } });
  const { score, gain, missing } = exploration === 'thompson' ? onTheLine(worthAt, propensity) : asItStands(worthAt, propensity);
  if (missing !== undefined) exclusions.push({ reason: 'SCORE_UNKNOWN', detail: missing === '' ? worth.source : missing });
  const candidate = {
    offer: offer.name,
    eligible: exclusions.length === 0,
    exclusions,
    valueMinor: minor(offer.value),
    costMinor: minor(offer.cost),
    propensity,
    score: score * MINOR,
    probability: 0,
    deviation,
  };
  return { candidate, spread: Math.abs(gain) * deviation * MINOR };
}

/** In major units; `gain` is what the score rises by as the chance goes from 0 to 1. */
interface Score {
  readonly score: number;
  readonly gain: number;
  /** What is not known; empty where it has no name. Absent = the score is known. */
  readonly missing?: string;
}

type WorthAt = (chance: number) => ReturnType<Worth['evaluate']>;

function asItStands(worthAt: WorthAt, propensity: number): Score {
  const worth = worthAt(propensity);
  return worth.kind === 'value' ? { score: worth.value, gain: 0 } : unknown(worth);
}

/** What is worth something when accepted and something when not is worth, on the whole, what lies between them. */
function onTheLine(worthAt: WorthAt, propensity: number): Score {
  const [refused, accepted] = [worthAt(0), worthAt(1)];
  if (refused.kind === 'unknown') return unknown(refused);
  if (accepted.kind === 'unknown') return unknown(accepted);
  const gain = accepted.value - refused.value;
  return { score: refused.value + propensity * gain, gain };
}

const unknown = ({ missing = '' }: NoAnswer): Score => ({ score: 0, gain: 0, missing });

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
