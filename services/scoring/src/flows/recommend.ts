import type { Configuration, Recommender } from '@attune/configuration/configuration';
import {
  type RecommendRequest,
  RecommendResponse,
  type RecommendedItem as TellableItem,
  RecommendationReason as ToldReason,
} from '@attune/contracts/messages/scoring/v1/scoring';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { itemFilter, usedWithin } from '../domain/item-filter.ts';
import { timesOf } from '../domain/recommenders/boosts.ts';
import type { Diversity } from '../domain/recommenders/diverse-list.ts';
import { type RecommendedItem, rankItems } from '../domain/recommenders/rank-items.ts';
import type { PastUse } from '../domain/recommenders/served-model.ts';
import type { GetFeatures } from '../ports.ts';
import { COUNT, checkRecommendRequest } from './check-recommend-request.ts';
import type { Baskets } from './follow-baskets.ts';
import type { Items } from './follow-items.ts';
import { type KnownCustomer, knownCustomer, openSession } from './known-customer.ts';

/** Chooses items for a subject. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE, KEY_UNAVAILABLE, SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED */
export type Recommend = (tenant: string, request: RecommendRequest) => Promise<RecommendResponse>;

/** What recommending needs. */
export interface RecommendPorts {
  readonly clock: Clock;
  readonly configuration: () => Configuration;
  readonly getFeatures: GetFeatures;
  readonly baskets: Pick<Baskets, 'current'>;
  readonly items: Pick<Items, 'itemOf' | 'current'>;
  /** An id that nobody has. */
  readonly freshId: () => string;
}

/** Answers from the index in use, the profile as consent lets it be read, and the items as they stand at this moment. Writes nothing. */
export const recommend =
  (ports: RecommendPorts): Recommend =>
  async (tenant, request) => {
    checkRecommendRequest(request);
    const { version, recommenders } = ports.configuration();
    const recommender = recommenderOf(recommenders, request);
    const [known, itemsAreCurrent] = await Promise.all([knownCustomer(ports, tenant, request, recommender), ports.items.current()]);
    const { number, index, models } = ports.baskets.current();
    const { itemOf } = ports.items;
    const model = models.get(recommender.name);
    if (model === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: recommender; this process was started before the configuration had it.');
    const asked = { history: known.history, context: [...openSession(known), ...request.contextItems], nowMs: known.nowMs };
    const chosen = rankItems(index, model, asked, {
      count: request.count || COUNT.usual,
      allows: itemFilter(itemOf, wishesOf(request, recommender, known)),
      popularToo: recommender.fallback === 'popular',
      pins: recommender.pins,
      timesOf: timesOf({ boosts: recommender.boosts, lessOf: known.lessOf.map(({ id }) => id), itemOf, index }),
      diversity: diversityOf(recommender, itemOf),
    });
    const titleOf = (id: string): string => itemOf(id)?.title ?? '';
    return RecommendResponse.fromPartial({
      items: chosen.map((item) => told(item, titleOf)),
      decisionId: `r_${ports.freshId()}`,
      generation: BigInt(number),
      fallback: chosen.every(({ fillsUp }) => fillsUp),
      profileId: known.profileId,
      position: known.position,
      history: known.status,
      nowMs: BigInt(known.nowMs),
      configurationVersion: version,
      itemsStale: !itemsAreCurrent,
      recommender: recommender.name,
      silent: [...model.silent],
    });
  };

/** The one that is named; else the one of the placement, which is `default` where none is named; else the only one. */
function recommenderOf(recommenders: readonly Recommender[], { recommender: name, placement }: RecommendRequest): Recommender {
  const placed = recommenders.find(({ placements }) => placements.includes(placement || 'default'));
  const found =
    name !== '' ? recommenders.find((one) => one.name === name) : (placed ?? (placement === '' && recommenders.length === 1 ? recommenders[0] : undefined));
  if (found !== undefined) return found;
  const fix =
    name === '' && placement !== '' ? 'placement; name one that a recommender of the configuration has' : 'recommender; name one of the configuration';
  throw new AttuneError('REQUEST_INVALID', `Field: ${fix}.`);
}

function wishesOf({ filter, contextItems }: RecommendRequest, { exclude, recommendContext }: Recommender, known: KnownCustomer) {
  const bought = within(known.history, known.nowMs, filter?.alreadyBought, exclude.boughtWithinMs);
  const seen = within(known.viewed, known.nowMs, filter?.alreadySeen, exclude.seenWithinMs);
  const refused = [...known.refused, ...known.lessOf].map(({ id }) => id);
  const context = recommendContext ? [] : contextItems;
  return {
    outOfStock: exclude.outOfStock,
    category: filter?.category ?? [],
    seller: filter?.seller ?? '',
    priceMin: filter?.priceMin,
    priceMax: filter?.priceMax,
    exclude: new Set([...(filter?.exclude ?? []), ...bought, ...seen, ...refused, ...context]),
  };
}

/** What may not come again: as the call says, else as the recommender does. */
function within(uses: readonly PastUse[], nowMs: number, again: boolean | undefined, usualMs: number | undefined): readonly string[] {
  const withinMs = again === undefined ? usualMs : again ? undefined : Number.POSITIVE_INFINITY;
  return withinMs === undefined ? [] : usedWithin(uses, nowMs, withinMs);
}

function diversityOf({ diversity }: Recommender, itemOf: Items['itemOf']): Diversity | undefined {
  return Object.keys(diversity).length === 0 ? undefined : { ...diversity, categoryOf: (id) => itemOf(id)?.category ?? [] };
}

function told({ id, score, reason, becauseOf = '', part = '' }: RecommendedItem, titleOf: (id: string) => string): TellableItem {
  const words = SAID[reason];
  return { id, title: titleOf(id), score, becauseOf, part, reason: words.reason, words: words.of(titleOf(becauseOf) || becauseOf) };
}

/** How a reason is told, and to a reader. */
const SAID: Readonly<Record<RecommendedItem['reason'], { readonly reason: ToldReason; readonly of: (speaker: string) => string }>> = {
  bought_before: { reason: ToldReason.RECOMMENDATION_REASON_BOUGHT_BEFORE, of: () => 'bought before' },
  bought_together: { reason: ToldReason.RECOMMENDATION_REASON_BOUGHT_TOGETHER, of: (speaker) => `bought together with ${speaker}` },
  popular: { reason: ToldReason.RECOMMENDATION_REASON_POPULAR, of: () => 'popular' },
  trending: { reason: ToldReason.RECOMMENDATION_REASON_TRENDING, of: () => 'more popular of late' },
  in_like_baskets: { reason: ToldReason.RECOMMENDATION_REASON_IN_LIKE_BASKETS, of: () => 'in baskets like this one' },
  in_like_sessions: { reason: ToldReason.RECOMMENDATION_REASON_IN_LIKE_BASKETS, of: () => 'looked at in sessions like this one' },
  described_alike: { reason: ToldReason.RECOMMENDATION_REASON_DESCRIBED_ALIKE, of: () => 'like what you know' },
  pinned: { reason: ToldReason.RECOMMENDATION_REASON_PINNED, of: () => 'chosen by the shop' },
};
