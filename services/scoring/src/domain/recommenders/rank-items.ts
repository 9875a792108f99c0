import type { BasketIndex } from '../basket-index.ts';
import { BestOf, type Scored } from '../best-of.ts';
import { POPULAR_WEIGHT } from './co-purchase.ts';
import { DiverseList, type Diversity } from './diverse-list.ts';
import type { Asked, ItemReason, RecommendationReason, ServedModel } from './served-model.ts';

/** One item of the answer. */
export interface RecommendedItem extends Scored, Omit<ItemReason, 'reason'> {
  readonly reason: RecommendationReason | 'pinned';
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
  /** These come first, in this order, as far as they are allowed. */
  readonly pins?: readonly string[];
  /** How many times its score an item has; absent = 1 of all. What fills up with less than 1 comes last. */
  readonly timesOf?: ((id: string) => number) | undefined;
  readonly diversity?: Diversity | undefined;
}

/** Where diversity is wished for, so many times as many items as are asked for are looked at. */
const POOL = 5;

/** Ranks items by what a model says of them, best first, ties by id; what is pinned comes before that, and what is merely popular behind. */
export function rankItems(index: BasketIndex, model: ServedModel, asked: Asked, wishes: RankingWishes): readonly RecommendedItem[] {
  const { count, allows, pins = [], diversity } = wishes;
  const list = new DiverseList<RecommendedItem>(count, diversity);
  const pinned = new Set(pins.filter(allows));
  for (const id of pinned) list.put({ id, score: 0, reason: 'pinned', fillsUp: false });
  const room = diversity === undefined ? count : count * POOL;
  list.choose(rankedBy(index, model, asked, { ...wishes, count: room, allows: (id) => !pinned.has(id) && allows(id) }));
  if (wishes.popularToo) fillUp(list, index, wishes);
  return list.items;
}

function rankedBy({ vocabulary, sheet }: BasketIndex, model: ServedModel, asked: Asked, { count, allows, timesOf }: RankingWishes): readonly RecommendedItem[] {
  sheet.clear();
  model.score(asked, sheet);
  const best = new BestOf<Ranked>(count);
  const { touched, values } = sheet;
  for (let at = 0; at < touched.length; at++) {
    const number = touched[at] as number;
    let score = values[number] as number;
    // Without boosts most items end here, before anything is known of them but their score.
    if (timesOf === undefined && !(score >= best.floor)) continue;
    const id = vocabulary.textOf(number);
    if (timesOf !== undefined) score *= timesOf(id);
    if (score > 0 && score >= best.floor && allows(id)) best.offer({ id, score, number });
  }
  return best.sorted().map(({ id, score, number }) => ({ id, score, fillsUp: false, ...model.reasonFor(number) }));
}

interface Ranked extends Scored {
  readonly number: number;
}

/** The most popular come first, behind all else: they score less than the last that was ranked. */
function fillUp(list: DiverseList<RecommendedItem>, { vocabulary, popular, popularityOf }: BasketIndex, { allows, timesOf }: RankingWishes): void {
  if (list.isFull) return;
  const last = list.items.at(-1)?.score ?? 0;
  const weight = POPULAR_WEIGHT * (last > 0 ? Math.min(1, last) : 1);
  const wanted = (id: string): boolean => timesOf === undefined || timesOf(id) >= 1;
  for (const unwanted of timesOf === undefined ? [false] : [false, true]) {
    for (const number of popular) {
      if (list.isFull) return;
      const id = vocabulary.textOf(number);
      if (!list.has(id) && allows(id) && wanted(id) !== unwanted) list.put({ id, score: weight * popularityOf(number), reason: 'popular', fillsUp: true });
    }
  }
}
