import type { Candidate } from '@attune/contracts/messages/log/v1/log';
import type { OfferRule } from './campaign-rules.ts';
import type { OfferSums } from './learning/offer-sums.ts';
import { type Posterior, type Prediction, type Prior, posteriorOf } from './learning/posterior.ts';

/** A state of a model, which propensities come from. */
export interface ModelInUse {
  /** Empty where there is none yet: the priors alone. */
  readonly name: string;
  readonly predict: (offer: Pick<OfferRule, 'name' | 'prior'>, x: Float64Array) => Prediction;
}

/** Before anything was learnt. */
export const priorAlone: ModelInUse = { name: '', predict: ({ prior }, x) => priorPrediction(prior, x) };

/** A model by what it learnt; each offer is worked out once. */
export function learntModel(name: string, sumsOf: (offer: string) => OfferSums | undefined): ModelInUse {
  const posteriors = new Map<string, Posterior>();
  return {
    name,
    predict: ({ name: offer, prior }, x) => {
      const sums = sumsOf(offer);
      if (sums === undefined || sums.responses.length !== x.length) return priorPrediction(prior, x);
      const key = `${offer}/${prior.accepted}/${prior.sent}`;
      const posterior = posteriors.get(key) ?? posteriorOf(sums, prior, x.length);
      posteriors.set(key, posterior);
      return posterior(x);
    },
  };
}

/** What a record says that its model said; the priors for what was not predicted then. */
export function recordedModel({ modelState, candidates }: { readonly modelState: string; readonly candidates: readonly Candidate[] }): ModelInUse {
  return {
    name: modelState,
    predict: ({ name, prior }, x) => {
      const known = candidates.find(({ offer }) => offer === name);
      return known !== undefined && known.deviation > 0 ? { mean: known.propensity, deviation: known.deviation } : priorPrediction(prior, x);
    },
  };
}

/** The posterior without sums, written out. */
function priorPrediction({ accepted, sent }: Prior, x: Float64Array): Prediction {
  const share = accepted / sent;
  const noise = Math.max(share * (1 - share), 1 / (sent + 1));
  const spread = x.reduce((sum, one) => sum + one * one, 0) / sent;
  return { mean: share, deviation: Math.sqrt(noise * spread) };
}
