import type { RecommenderKind, RecommenderNumber, RecommenderSource } from '@attune/kernel/recommender-kind';
import type { BasketSet } from '../basket-set.ts';
import { CoPurchase } from './co-purchase.ts';
import { Content } from './content.ts';
import { FixedRanking } from './fixed-ranking.ts';
import type { IndexedHistory } from './indexed-history.ts';
import { OverSeen } from './over-seen.ts';
import { Popularity } from './popularity.ts';
import { RepeatPurchase } from './repeat-purchase.ts';
import type { ServedModel } from './served-model.ts';
import { Stan } from './stan.ts';
import { Trending } from './trending.ts';
import { VmisKnn } from './vmis-knn.ts';

/** What steers a kind, by word of the configuration. */
export type Numbers = Readonly<Partial<Record<RecommenderNumber, number>>>;

/** How a model of each kind is made from what a generation holds. */
export const SERVED_KINDS: Readonly<
  Record<Exclude<RecommenderKind, 'blend'>, (world: IndexedHistory, numbers: Numbers, over: RecommenderSource) => ServedModel>
> = {
  co_purchase: ({ index }) => new CoPurchase(index),
  popularity: (world, { half_life = 1 }, over) => new FixedRanking(world, fed(world.usesOf(over), new Popularity(world.size, half_life)), 'popular'),
  trending: (world, { half_life = 1 }, over) => new FixedRanking(world, fed(world.usesOf(over), new Trending(world.size, half_life)), 'trending'),
  stan: (world, { sessions_max = 1, neighbours = 1, place_scale = 1, day_scale = 1, near_scale = 1 }, over) => {
    const scales = { placeScale: place_scale, dayScale: day_scale, nearScale: near_scale };
    return new OverSeen(world, new Stan(world.sessionsOf(over), { sessionsMax: sessions_max, neighbours, ...scales }), {
      reads: 'context',
      reason: LIKE[over],
    });
  },
  vmis_knn: (world, { sessions_max = 1, neighbours = 1 }, over) =>
    new OverSeen(world, new VmisKnn(world.sessionsOf(over), { sessionsMax: sessions_max, neighbours }), { reads: 'context', reason: LIKE[over] }),
  repeat_purchase: (world, { half_life = 1, due_share = 0, usual_gap = 1 }) => {
    // The index knows no customers, so what is usual of an item is not counted: each is as likely to be bought again as any other.
    const options = { halfLifeDays: half_life / DAY_MS, dueShare: due_share, repeatPower: 0, usualGapMs: usual_gap };
    return new OverSeen(world, new RepeatPurchase({ itemCount: world.size, sequences: [] }, options), { reads: 'history', reason: 'bought_before' });
  },
  content: (world, { item_half_life = 1 }) =>
    new OverSeen(
      world,
      world.described((words) => new Content(words, item_half_life), item_half_life),
      { reads: 'both', reason: 'described_alike' },
    ),
};

const DAY_MS = 86_400_000;
const LIKE = { baskets: 'in_like_baskets', sessions: 'in_like_sessions' } as const;

/** Feeds what was bought or looked at, the oldest first: always in one order, so sums come out alike everywhere. */
function fed<Model extends { advance(item: number, atMs: number): void }>(baskets: BasketSet, model: Model): Model {
  for (let at = baskets.length - 1; at >= 0; at--) {
    const { items = [], atMs = 0 } = baskets[at] ?? {};
    for (const item of items) model.advance(item, atMs);
  }
  return model;
}
