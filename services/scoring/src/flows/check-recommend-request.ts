import type { RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { AttuneError } from '@attune/kernel/errors';

/** How many items an answer has. */
export const COUNT = { usual: 10, max: 100 } as const;
const CONTEXT_MAX = 50;
const EXCLUDE_MAX = 500;
const CATEGORY_MAX = 50;

/** Holds a request to its bounds. @throws AttuneError REQUEST_INVALID that names the field */
export function checkRecommendRequest({ count, contextItems, filter }: RecommendRequest): void {
  if (count < 0 || count > COUNT.max) refuse(`count; 1 to ${COUNT.max}`);
  if (contextItems.length > CONTEXT_MAX) refuse(`context_items; at most ${CONTEXT_MAX}`);
  if (filter === undefined) return;
  if (filter.exclude.length > EXCLUDE_MAX) refuse(`filter.exclude; at most ${EXCLUDE_MAX}`);
  if (filter.category.length > CATEGORY_MAX) refuse(`filter.category; at most ${CATEGORY_MAX}`);
  for (const [name, price] of [['price_min', filter.priceMin] as const, ['price_max', filter.priceMax] as const]) {
    if (price !== undefined && !/^[A-Z]{3}$/.test(price.currency)) refuse(`filter.${name}.currency; three capital letters`);
  }
}

function refuse(field: string): never {
  throw new AttuneError('REQUEST_INVALID', `Field: ${field}.`);
}
