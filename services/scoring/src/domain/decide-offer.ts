import { type Candidate, type DecisionInputs, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { underVariant, variantAt } from './assign-variant.ts';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { drawOffer } from './draw-offer.ts';
import type { LearningRule } from './learning/learning-rule.ts';
import type { ModelInUse } from './model-in-use.ts';
import { placeAmongVariants, placeInHoldout, placeInShopHoldout } from './place-in-holdout.ts';
import { consentAllows } from './usable-values.ts';
import type { OfferTally } from './weigh-candidates.ts';

/** All that a decision depends on. */
export interface OfferQuestion {
  readonly tenant: string;
  readonly profileId: string;
  readonly campaign: CampaignRule;
  readonly policy: Policy;
  readonly inputs: DecisionInputs;
  /** What was sent and accepted of each offer of the campaign so far. */
  readonly tallyOf: (offer: string) => OfferTally;
  /** Of a campaign that learns: what its model says now. Absent = the priors alone. */
  readonly model?: ModelInUse;
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
  /** thompson, or empty for epsilon. */
  readonly exploration: string;
  /** The state of the model that was used; empty where there was none. */
  readonly modelState: string;
  /** Sorted by name; empty where no offer was weighed. */
  readonly candidates: readonly Candidate[];
  /** What the offer will be learnt from; absent where it will not. */
  readonly learning?: { readonly rule: LearningRule; readonly context: Float64Array };
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
    exploration: '',
    modelState: '',
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

/** What the campaign does for the profile, with its variant in it. */
export const chosenFor = (question: Pick<OfferQuestion, 'tenant' | 'profileId' | 'campaign'>): CampaignRule =>
  question.campaign.variants.length === 0 ? question.campaign : underVariant(question.campaign, variantAt(question.campaign, placesOf(question).variantPlace));

/** The chance with which the campaign's policy draws an offer, by its name, or nothing, by '', about this profile if it were not held out; 0 for what it does not know. */
export function chancesOf(question: OfferQuestion): (offer: string) => number {
  if (!consentAllows(question.inputs, question.campaign.purpose, question.policy)) return (offer) => (offer === '' ? 1 : 0);
  const campaign = chosenFor(question);
  const { drawn } = drawOffer({ ...question, campaign });
  return (offer) => (offer === '' ? drawn.probabilityOfNothing : drawn.probabilityOf(offer));
}

function chooseOffer(question: OfferQuestion): Omit<DecidedOffer, keyof ReturnType<typeof placesOf> | 'variant' | 'exploreRate'> {
  const { campaign, model } = question;
  const { weighed, drawn, context } = drawOffer(question);
  const { offer = '', explored } = drawn;
  return {
    outcome: offer === '' ? DecisionOutcome.DECISION_OUTCOME_NOTHING : DecisionOutcome.DECISION_OUTCOME_OFFER,
    offer,
    message: campaign.offers.find(({ name }) => name === offer)?.message ?? '',
    propensity: offer === '' ? drawn.probabilityOfNothing : drawn.probabilityOf(offer),
    explored,
    exploration: campaign.exploration === 'thompson' ? 'thompson' : '',
    modelState: (campaign.learn && model?.name) ?? '',
    candidates: weighed.map(({ candidate }) => ({ ...candidate, probability: drawn.probabilityOf(candidate.offer) })),
    ...(campaign.learn && context && offer !== '' && { learning: { rule: campaign.learn, context } }),
  };
}
