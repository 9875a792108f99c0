import type { BasketIndex } from './basket-index.ts';
import { CoPurchase } from './serving/co-purchase.ts';
import { type RankingWishes, type RecommendedItem, rankItems } from './serving/rank-items.ts';
import type { Asked } from './serving/served-model.ts';

/** What is asked of the index. */
export interface RecommendationQuestion extends Asked, RankingWishes {}

/** Ranks items as a recommender of kind `co_purchase` does. */
export const recommendItems = (index: BasketIndex, question: RecommendationQuestion): readonly RecommendedItem[] =>
  rankItems(index, new CoPurchase(index), question, question);
