import type { BasketIndex } from './basket-index.ts';
import { BestOf, type Scored } from './best-of.ts';

/** An item that the customer used, and when, newest first. */
export interface PastUse {
  readonly id: string;
  readonly atMs: readonly number[];
}

/** What is asked of the index. */
export interface RecommendationQuestion {
  /** What the customer bought, the newest first; empty where nothing may be known of that. */
  readonly history: readonly PastUse[];
  /** What the customer looks at or has in the cart. */
  readonly context: readonly string[];
  /** At most so many. */
  readonly count: number;
  readonly nowMs: number;
  /** Whether an item may be recommended. */
  readonly allows: (id: string) => boolean;
  /** True: what is merely popular fills up the answer. */
  readonly popularToo: boolean;
}

/** Why an item is recommended: what weighed most. */
export type RecommendationReason = 'bought_before' | 'bought_together' | 'popular';

/** One item of the answer. */
export interface RecommendedItem extends Scored {
  readonly reason: RecommendationReason;
  /** The item that speaks for it most; absent for other reasons than `bought_together`. */
  readonly becauseOf?: string;
}

/**
 * Ranks items for a customer: what it buys again and again, each purchase counting half after half a year (as in TIFU-KNN, Hu et al. 2020), and what others
 * bought together with that, all of it the more, the more it is bought these days; what was bought together with the context; what is merely popular comes behind. Best first, ties by id.
 */
export function recommendItems(index: BasketIndex, question: RecommendationQuestion): readonly RecommendedItem[] {
  const { vocabulary } = index;
  const { count, allows } = question;
  const best = new BestOf<RecommendedItem>(count);
  const context = new Set(question.context);
  const offer = (number: number, candidate: Omit<RecommendedItem, 'id'>): void => {
    if (candidate.score < best.floor) return;
    const id = vocabulary.textOf(number);
    if (!context.has(id) && allows(id)) best.offer({ id, ...candidate });
  };
  const found = evidenceFor(index, question);
  for (const [number, { again, near, beside, nearest }] of found) {
    const season = 1 + SEASON * index.popularityOf(number);
    const score = (again + near) * season + beside + popularPart(index, number);
    if (again * season >= near * season + beside) offer(number, { score, reason: 'bought_before' });
    else offer(number, { score, reason: 'bought_together', becauseOf: vocabulary.textOf(nearest) });
  }
  if (question.popularToo) offerPopular(index, { found, best, offer });
  return best.sorted();
}

const DAY_MS = 86_400_000;
/** After so many days a purchase says half as much of what is bought again. */
const AGAIN_HALF_LIFE_DAYS = 180;
/** So many times more the most popular item counts than one that nobody buys these days. */
const SEASON = 10;
/** Beside what is bought again, the neighbours of the history weigh so much, and those of the context. */
const HISTORY_WEIGHT = 1;
const CONTEXT_WEIGHT = 20;
/** So many items of the history speak for their neighbours: those that are bought most. */
const SPEAKERS_MAX = 50;
/** Below every evidence of the customer's own. */
const POPULAR_WEIGHT = 1e-9;

const popularPart = (index: BasketIndex, number: number): number => POPULAR_WEIGHT * index.popularityOf(number);

interface Evidence {
  /** What the customer bought it for itself. */
  again: number;
  /** What was bought together with it of the history, and of the context. */
  near: number;
  beside: number;
  /** The item that added most to these two, and how much. */
  nearest: number;
  most: number;
}

function evidenceFor(index: BasketIndex, { history, context, nowMs }: RecommendationQuestion): ReadonlyMap<number, Evidence> {
  const found = new Map<number, Evidence>();
  const of = (number: number): Evidence => {
    const known = found.get(number);
    if (known !== undefined) return known;
    const made = { again: 0, near: 0, beside: 0, nearest: 0, most: 0 };
    found.set(number, made);
    return made;
  };
  const own = weighed(index, history, nowMs);
  for (const { number, score } of own) of(number).again = score;
  const speakers = new BestOf<Speaker>(SPEAKERS_MAX);
  for (const one of own) speakers.offer(one);
  const seen = context.flatMap((id) => (index.vocabulary.find(id) === undefined ? [] : { id, number: index.vocabulary.find(id) ?? 0, score: 1 }));
  addNeighbours(index, of, { speakers: speakers.sorted(), weight: HISTORY_WEIGHT, part: 'near' });
  addNeighbours(index, of, { speakers: seen, weight: CONTEXT_WEIGHT, part: 'beside' });
  return found;
}

interface Speaker extends Scored {
  readonly number: number;
}

function weighed({ vocabulary }: BasketIndex, history: readonly PastUse[], nowMs: number): readonly Speaker[] {
  return history.flatMap(({ id, atMs }) => {
    const number = vocabulary.find(id);
    if (number === undefined) return [];
    const score = atMs.reduce((sum, usedMs) => sum + 2 ** (-Math.max(0, nowMs - usedMs) / DAY_MS / AGAIN_HALF_LIFE_DAYS), 0);
    return [{ id, number, score }];
  });
}

/** Each speaker adds its share of the weight to its neighbours, by how near they are. */
function addNeighbours(
  index: BasketIndex,
  of: (number: number) => Evidence,
  { speakers, weight, part }: { readonly speakers: readonly Speaker[]; readonly weight: number; readonly part: 'near' | 'beside' },
): void {
  const total = speakers.reduce((sum, { score }) => sum + score, 0);
  for (const { number: speaker, score } of speakers) {
    for (const { number, score: near } of index.neighboursOf(speaker)) {
      const share = (weight * score * near) / total;
      const evidence = of(number);
      evidence[part] += share;
      if (share > evidence.most) {
        evidence.most = share;
        evidence.nearest = speaker;
      }
    }
  }
}

interface Filling {
  readonly found: ReadonlyMap<number, unknown>;
  readonly best: BestOf<RecommendedItem>;
  readonly offer: (number: number, candidate: Omit<RecommendedItem, 'id'>) => void;
}

/** The most popular come first, so the first that finds no place ends it. */
function offerPopular(index: BasketIndex, { found, best, offer }: Filling): void {
  for (const number of index.popular) {
    const score = popularPart(index, number);
    if (score < best.floor) return;
    if (!found.has(number)) offer(number, { score, reason: 'popular' });
  }
}
