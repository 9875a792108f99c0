import { type Candidate, type DecisionInputs, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { underVariant, variantAt } from './assign-variant.ts';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { explore } from './explore.ts';
import { placeAmongVariants, placeInHoldout, placeInShopHoldout } from './place-in-holdout.ts';
import { consentAllows, usableValues } from './usable-values.ts';
import { type OfferTally, weighCandidates } from './weigh-candidates.ts';

/** All that a decision depends on. */
export interface OfferQuestion {
  readonly tenant: string;
  readonly profileId: string;
  readonly campaign: CampaignRule;
  readonly policy: Policy;
  readonly inputs: DecisionInputs;
  /** What was sent and accepted of each offer of the campaign so far. */
  readonly tallyOf: (offer: string) => OfferTally;
  /** Seed of every draw. */
  readonly seed: string;
}

/** What came of it. `offer` and `message` are empty where there is none. */
export interface DecidedOffer {
  readonly outcome: DecisionOutcome;
  readonly offer: string;
  readonly message: string;
  /** The chance with which the policy came to this outcome. */
  readonly propensity: number;
  readonly explored: boolean;
  readonly holdoutPlace: number;
  /** 0 where the shop has no holdout for it. */
  readonly shopHoldoutPlace: number;
  /** 0 where the campaign has no variants. */
  readonly variantPlace: number;
  /** Empty where the campaign has none, and for whom it does nothing. */
  readonly variant: string;
  /** The chance of an exploring draw. */
  readonly exploreRate: number;
  /** Sorted by name; empty where no offer was weighed. */
  readonly candidates: readonly Candidate[];
}

/**
 * Consent first, then the shop's holdout and the campaign's, then the variant, then its message or offers. Nothing scores 0 and is always a candidate: an offer wins only above it; ties go to the first name.
 * The same question has the same answer, bit for bit.
 */
export function decideOffer(question: OfferQuestion): DecidedOffer {
  const { campaign, policy, inputs } = question;
  const places = placesOf(question);
  const certain = (outcome: DecisionOutcome, message = ''): DecidedOffer => ({
    outcome,
    offer: '',
    message,
    propensity: 1,
    explored: false,
    ...places,
    variant: '',
    exploreRate: campaign.explore,
    candidates: [],
  });
  if (!consentAllows(inputs, campaign.purpose, policy)) return certain(DecisionOutcome.DECISION_OUTCOME_NO_CONSENT);
  if (places.shopHoldoutPlace < campaign.shopHoldout || places.holdoutPlace < campaign.holdout) return certain(DecisionOutcome.DECISION_OUTCOME_HELD_OUT);
  const variant = variantAt(campaign, places.variantPlace);
  const { message, ...rule } = underVariant(campaign, variant);
  const among = { ...places, variant: variant?.name ?? '', exploreRate: rule.explore };
  if (message !== undefined) return { ...certain(DecisionOutcome.DECISION_OUTCOME_MESSAGE, message), ...among };
  return { ...chooseOffer({ ...question, campaign: rule }), ...among };
}

function placesOf({ tenant, profileId, campaign }: Pick<OfferQuestion, 'tenant' | 'profileId' | 'campaign'>) {
  const seat = { tenant, campaign: campaign.name, profileId };
  return {
    holdoutPlace: placeInHoldout(seat),
    shopHoldoutPlace: campaign.shopHoldout > 0 ? placeInShopHoldout(seat) : 0,
    variantPlace: campaign.variants.length > 0 ? placeAmongVariants(seat) : 0,
  };
}

/** The chance with which the campaign's policy draws an offer, by its name, or nothing, by '', about this profile if it were not held out; 0 for what it does not know. */
export function chancesOf(question: Omit<OfferQuestion, 'seed'>): (offer: string) => number {
  if (!consentAllows(question.inputs, question.campaign.purpose, question.policy)) return (offer) => (offer === '' ? 1 : 0);
  const campaign = underVariant(question.campaign, variantAt(question.campaign, placesOf(question).variantPlace));
  const { drawn } = drawOffer({ ...question, campaign, seed: '' });
  return (offer) => (offer === '' ? drawn.probabilityOfNothing : drawn.probabilityOf(offer));
}

function drawOffer({ campaign, policy, inputs, tallyOf, seed }: Pick<OfferQuestion, 'campaign' | 'policy' | 'inputs' | 'tallyOf' | 'seed'>) {
  const weighed = weighCandidates(campaign, usableValues(inputs, campaign.purpose, policy), tallyOf);
  const eligible = weighed.filter((candidate) => candidate.eligible);
  const best = bestOf(eligible);
  const drawn = explore({
    eligible: eligible.map(({ offer }) => offer),
    ...(best && { best: best.offer }),
    rate: campaign.explore,
    seed,
  });
  return { weighed, drawn };
}

function chooseOffer(question: OfferQuestion): Omit<DecidedOffer, keyof ReturnType<typeof placesOf> | 'variant' | 'exploreRate'> {
  const { campaign } = question;
  const { weighed, drawn } = drawOffer(question);
  const { offer = '', explored } = drawn;
  return {
    outcome: offer === '' ? DecisionOutcome.DECISION_OUTCOME_NOTHING : DecisionOutcome.DECISION_OUTCOME_OFFER,
    offer,
    message: campaign.offers.find(({ name }) => name === offer)?.message ?? '',
    propensity: offer === '' ? drawn.probabilityOfNothing : drawn.probabilityOf(offer),
    explored,
    candidates: weighed.map((candidate) => ({ ...candidate, probability: drawn.probabilityOf(candidate.offer) })),
  };
}

/** The highest score above nothing's 0; the candidates come sorted by name, so the first of equals stays. */
function bestOf(eligible: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of eligible) if (candidate.score > (best?.score ?? 0)) best = candidate;
  return best;
}
