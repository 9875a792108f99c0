import type { LearntOffer, ModelState } from '@attune/contracts/messages/log/v1/log';
import type { OfferSums } from '../domain/learning/offer-sums.ts';
import { learntModel, type ModelInUse } from '../domain/model-in-use.ts';

/** The sums in a message. */
export const sumsOf = ({ decisions, rewards, products, responses }: LearntOffer): OfferSums => ({
  decisions: Number(decisions),
  rewards,
  products: Float64Array.from(products),
  responses: Float64Array.from(responses),
});

/** Sums as a message. */
export const sumsMessage = (offer: string, { decisions, rewards, products, responses }: OfferSums): LearntOffer => ({
  offer,
  decisions: BigInt(decisions),
  rewards,
  products: [...products],
  responses: [...responses],
});

/** A state of a model, ready to predict. */
export function modelOfState({ name, offers }: Pick<ModelState, 'name' | 'offers'>): ModelInUse {
  const byOffer = new Map(offers.map((one) => [one.offer, sumsOf(one)]));
  return learntModel(name, (offer) => byOffer.get(offer));
}
