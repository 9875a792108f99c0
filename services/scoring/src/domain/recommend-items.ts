import type { BasketIndex } from './basket-index.ts';
import { CoPurchase } from './recommenders/co-purchase.ts';
import { type RankingWishes, type RecommendedItem, rankItems } from './recommenders/rank-items.ts';
import type { Asked } from './recommenders/served-model.ts';

/** What is asked of the index. */
export interface RecommendationQuestion extends Asked, RankingWishes {}

/** Ranks items as a recommender of kind `co_purchase` does; the context itself is not recommended. */
export function recommendItems(index: BasketIndex, question: RecommendationQuestion): readonly RecommendedItem[] {
  const context = new Set(question.context);
  return rankItems(index, new CoPurchase(index), question, { ...question, allows: (id) => !context.has(id) && question.allows(id) });
}
