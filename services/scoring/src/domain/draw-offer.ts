import type { Candidate } from '@attune/contracts/messages/log/v1/log';
import type { OfferQuestion } from './decide-offer.ts';
import { explore } from './explore.ts';
import { contextVector } from './learning/context-vector.ts';
import { thompson } from './learning/thompson.ts';
import { priorAlone } from './model-in-use.ts';
import { type UsableValues, usableValues } from './usable-values.ts';
import { propensityOf, type Weighed, weighCandidates } from './weigh-candidates.ts';

/** What an offer is drawn from. */
export type Choosing = Pick<OfferQuestion, 'campaign' | 'policy' | 'inputs' | 'tallyOf' | 'model' | 'seed'>;

/** Weighs every offer, and draws one of those that can win, or nothing. `context`: what a model reads of the customer. */
export function drawOffer(choosing: Choosing) {
  const { campaign, policy, inputs, seed } = choosing;
  const usable = usableValues(inputs, campaign.purpose, policy);
  const context = campaign.learn && contextVector(campaign.learn.inputs, usable.valuesFor(NO_SEGMENTS));
  const weighed = weighedBy(choosing, usable, context);
  const eligible = weighed.filter(({ candidate }) => candidate.eligible);
  if (campaign.exploration === 'thompson') {
    const uncertain = eligible.map(({ candidate: { offer: name, score }, spread }) => ({ name, score, spread }));
    return { weighed, context, drawn: thompson({ eligible: uncertain, rate: campaign.explore, seed }) };
  }
  const best = bestOf(eligible);
  const names = eligible.map(({ candidate }) => candidate.offer);
  return { weighed, context, drawn: explore({ eligible: names, ...(best && { best: best.offer }), rate: campaign.explore, seed }) };
}

const NO_SEGMENTS = { segments: [] };

function weighedBy({ campaign, tallyOf, model = priorAlone }: Choosing, usable: UsableValues, context: Float64Array | undefined): readonly Weighed[] {
  return weighCandidates(campaign, usable, (offer) =>
    context === undefined ? { mean: propensityOf(offer, tallyOf(offer.name)), deviation: 0 } : model.predict(offer, context),
  );
}

/** The highest score above nothing's 0; the candidates come sorted by name, so the first of equals stays. */
function bestOf(eligible: readonly Weighed[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const { candidate } of eligible) if (candidate.score > (best?.score ?? 0)) best = candidate;
  return best;
}
