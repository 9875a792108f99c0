import { type Candidate, type Decision, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import { underVariant } from './assign-variant.ts';
import type { CampaignRule } from './campaign-rules.ts';

/** A decision to be told of, with the campaign as it was; undefined where its configuration is not kept any more. */
export interface ToldDecision {
  readonly decision: Decision;
  readonly campaign: CampaignRule | undefined;
  /** Whether deciding again from the record gave the same record. */
  readonly identical: boolean;
}

/** Sentences in plain English, most important first: what came of it and why, each candidate, the holdout, exploration, what would change it, and whether it can be repeated. */
export function explainDecision({ decision, campaign: whole, identical }: ToldDecision): readonly string[] {
  const { candidates, outcome, variant } = decision;
  const campaign =
    whole &&
    underVariant(
      whole,
      whole.variants.find(({ name }) => name === variant),
    );
  const weighed = candidates.toSorted((a, b) => rank(b, decision) - rank(a, decision));
  return [
    outcomeSentence(decision),
    ...weighed.map((candidate) => candidateSentence(candidate, campaign)),
    ...(outcome === DecisionOutcome.DECISION_OUTCOME_NO_CONSENT ? [] : placeSentences(decision)),
    ...(decision.learning === undefined ? [] : [modelSentence(decision)]),
    ...(candidates.length === 0 ? [] : [exploreSentence(decision)]),
    ...otherwise(decision, campaign),
    repeatSentence(identical, campaign),
  ];
}

function outcomeSentence(decided: Decision): string {
  const { outcome, offer, message, campaign, purpose, candidates, explored, exploration } = decided;
  const eligible = candidates.filter((candidate) => candidate.eligible).length;
  if (outcome === DecisionOutcome.DECISION_OUTCOME_NO_CONSENT) return `Nothing was sent because consent does not cover ${purpose}, the purpose of ${campaign}.`;
  if (outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT)
    return byShop(decided)
      ? "Nothing was sent because the profile is in the shop's holdout, which shows what happens without promotions."
      : `Nothing was sent because the profile is in the holdout of ${campaign}, which shows what happens without it.`;
  if (outcome === DecisionOutcome.DECISION_OUTCOME_MESSAGE)
    return `${campaign} sends the message ${message} to everyone who starts it, so there was nothing to choose.`;
  if (outcome === DecisionOutcome.DECISION_OUTCOME_NOTHING)
    return eligible === 0
      ? `Nothing was sent because no offer of ${campaign} could be made.`
      : 'Nothing was sent because no offer that could be made is worth more than its cost.';
  return explored
    ? `${offer} was drawn by chance among ${count(eligible)}, to learn how it does.`
    : exploration === 'thompson'
      ? `${offer} was drawn: it has the best score of ${count(eligible)} as far as is known, and more than nothing.`
      : `${offer} won: it has the best score of ${count(eligible)}, and more than nothing.`;
}

function candidateSentence(candidate: Candidate, campaign: CampaignRule | undefined): string {
  const { offer, exclusions, valueMinor, costMinor, propensity } = candidate;
  const exclusion = exclusions[0];
  const sum = !campaign || isPlain(campaign) ? `${major(Number(valueMinor))} × ${propensity.toFixed(4)} − ${major(Number(costMinor))}` : campaign.worth.source;
  const score = exclusions.some(({ reason }) => reason === 'SCORE_UNKNOWN') ? 'its score is unknown' : `${sum} = ${major(candidate.score)}`;
  return exclusion === undefined
    ? `${offer} could be made: ${score}.`
    : `${offer} could not be made, because ${whyNot[exclusion.reason]?.(exclusion.detail) ?? exclusion.reason} (${score}).`;
}

/** Where the profile stands in the shop's holdout, in the campaign's, and among its variants, as far as there are such. */
function placeSentences(decision: Decision): readonly string[] {
  const { shopHoldoutPlace, shopHoldoutShare, campaign, variant, variantPlace } = decision;
  return [
    shopHoldoutShare > 0 &&
      `The place of the profile in the shop's holdout is ${shopHoldoutPlace.toFixed(4)}; held out is who stands below ${shopHoldoutShare}.`,
    holdoutSentence(decision),
    variant !== '' && `The profile is in the variant ${variant} of ${campaign}: its place among them is ${variantPlace.toFixed(4)}, and stays.`,
  ].filter((sentence) => sentence !== false);
}

const byShop = ({ shopHoldoutPlace, shopHoldoutShare }: Decision): boolean => shopHoldoutPlace < shopHoldoutShare;

const holdoutSentence = ({ holdoutPlace, holdoutShare, campaign }: Decision): string =>
  `The place of the profile in the holdout of ${campaign} is ${holdoutPlace.toFixed(4)}; held out is who stands below ${holdoutShare}.`;

function exploreSentence({ explored, exploreRate, propensity, exploration }: Decision): string {
  if (exploration === 'thompson')
    return `Each offer is drawn as often as it may be the best by what was learnt so far, and ${percent(exploreRate)} of decisions are drawn at random; the chance of this outcome was ${percent(propensity)}.`;
  if (exploreRate === 0) return 'The campaign never draws an offer at random.';
  const chance = `With a chance of ${percent(exploreRate)} the campaign draws an offer at random`;
  return `${chance}, which it ${explored ? 'did' : 'did not do'} here; the chance of this outcome was ${percent(propensity)}.`;
}

const modelSentence = ({ modelState }: Decision): string =>
  modelState === ''
    ? 'Nothing was learnt yet: the chances are the declared ones.'
    : `The chances are what ${modelState} had learnt from what earlier decisions brought; that state is kept and never changes.`;

/** One sentence where it follows simply from the record what would have changed the outcome. */
function otherwise(decision: Decision, campaign: CampaignRule | undefined): readonly string[] {
  if (decision.outcome === DecisionOutcome.DECISION_OUTCOME_NO_CONSENT) return [`It would be different if consent covered ${decision.purpose}.`];
  if (decision.outcome === DecisionOutcome.DECISION_OUTCOME_HELD_OUT)
    return [`It would be different if the place were ${byShop(decision) ? decision.shopHoldoutShare : decision.holdoutShare} or more.`];
  if (decision.exploration === 'thompson') return []; // what another draw would have given says little
  if (decision.explored) return ['It would be different if the draw had not explored: the best offer, or nothing, would then have been chosen.'];
  const bar = Math.max(0, ...decision.candidates.filter(({ eligible }) => eligible).map(({ score }) => score));
  const better = best(decision.candidates.filter(({ eligible, score }) => !eligible && score > bar));
  const [first, ...more] = better?.exclusions ?? [];
  if (better && first && more.length === 0)
    return [
      `It would be different if ${ifOnly[first.reason]?.(first.detail) ?? first.detail}: ${better.offer} would then win with a score of ${major(better.score)}.`,
    ];
  const near = decision.outcome === DecisionOutcome.DECISION_OUTCOME_NOTHING ? best(decision.candidates.filter(({ eligible }) => eligible)) : undefined;
  if (near === undefined || !campaign || !isPlain(campaign) || near.costMinor >= near.valueMinor) return [];
  return [
    `It would be different if the chance that ${near.offer} is accepted were above ${percent(Number(near.costMinor) / Number(near.valueMinor))} instead of ${percent(near.propensity)}.`,
  ];
}

function repeatSentence(identical: boolean, campaign: CampaignRule | undefined): string {
  if (campaign === undefined) return 'The configuration that it was taken under is not kept any more, so it could not be decided again.';
  return identical
    ? 'Deciding again from the record gave the same record, bit for bit.'
    : 'Deciding again from the record gave another record: the record was changed, or other code decided.';
}

type Say = Readonly<Record<string, (detail: string) => string>>;
const whyNot: Say = {
  NOT_ELIGIBLE: (condition) => `${condition} does not hold`,
  VALUE_MISSING: (name) => `${name} is not known`,
  VALUE_WITHHELD: (name) => `${name} may not be used for this purpose`,
  SCORE_UNKNOWN: (name) => `${name} is needed for its score and not known`,
};
const ifOnly: Say = {
  NOT_ELIGIBLE: (condition) => `${condition} held`,
  VALUE_MISSING: (name) => `${name} were known and let the condition hold`,
  VALUE_WITHHELD: (name) => `${name} could be used and let the condition hold`,
};

/** The winner first, then those that could win, then the others; by score within each. */
const rank = ({ offer, eligible, score }: Candidate, decision: Decision): number => (offer === decision.offer ? 2e15 : eligible ? 1e15 : 0) + score;
const best = (candidates: readonly Candidate[]): Candidate | undefined => candidates.toSorted((a, b) => b.score - a.score)[0];
const isPlain = ({ worth }: CampaignRule): boolean => worth.source.replaceAll(/\s/g, '') === 'propensity*value-cost';
const count = (offers: number): string => (offers === 1 ? 'the one offer that could be made' : `${offers} offers that could be made`);
const major = (minor: number): string => (minor / 100).toFixed(2).replace('-', '−');
const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
