import type { BasketIndex } from '../basket-index.ts';
import { BestOf, type Scored } from '../best-of.ts';
import { POPULAR_WEIGHT } from './co-purchase.ts';
import type { Asked, ItemReason, ServedModel } from './served-model.ts';

/** One item of the answer. */
export interface RecommendedItem extends Scored, ItemReason {
  /** True where nothing speaks for it but that many buy it: it stands there for want of better. */
  readonly fillsUp: boolean;
}

/** What an answer may hold. */
export interface RankingWishes {
  /** At most so many. */
  readonly count: number;
  /** Whether an item may be recommended. */
  readonly allows: (id: string) => boolean;
  /** True: what is merely popular fills up the answer. */
  readonly popularToo: boolean;
}

/** Ranks items by what a model says of them, best first, ties by id; what is merely popular comes behind. The context itself is not recommended. */
export function rankItems(index: BasketIndex, model: ServedModel, asked: Asked, { count, allows, popularToo }: RankingWishes): readonly RecommendedItem[] {
  const { vocabulary, sheet } = index;
  const context = new Set(asked.context);
  sheet.clear();
  model.score(asked, sheet);
  const best = new BestOf<Ranked>(count);
  const { touched, values } = sheet;
  for (let at = 0; at < touched.length; at++) {
    const number = touched[at] as number;
    const score = values[number] as number;
    if (!(score > 0 && score >= best.floor)) continue;
    const id = vocabulary.textOf(number);
    if (!context.has(id) && allows(id)) best.offer({ id, score, number });
  }
  const ranked = best.sorted().map(({ id, score, number }): RecommendedItem => ({ id, score, fillsUp: false, ...model.reasonFor(number) }));
  return popularToo ? filledUp(index, ranked, { count, allows: (id) => !context.has(id) && allows(id) }) : ranked;
}

interface Ranked extends Scored {
  readonly number: number;
}

/** The most popular come first, behind all else: they score less than the last that was ranked. */
function filledUp(
  { vocabulary, popular, popularityOf }: BasketIndex,
  ranked: readonly RecommendedItem[],
  { count, allows }: Pick<RankingWishes, 'count' | 'allows'>,
): readonly RecommendedItem[] {
  if (ranked.length >= count) return ranked;
  const all = [...ranked];
  const known = new Set(ranked.map(({ id }) => id));
  const weight = POPULAR_WEIGHT * Math.min(1, ranked.at(-1)?.score ?? 1);
  for (const number of popular) {
    if (all.length === count) break;
    const id = vocabulary.textOf(number);
    if (!known.has(id) && allows(id)) all.push({ id, score: weight * popularityOf(number), reason: 'popular', fillsUp: true });
  }
  return all;
}
