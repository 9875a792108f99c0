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
  const { vocabulary, evidence } = index;
  const { count, allows, popularToo } = question;
  const best = new BestOf<RecommendedItem>(count);
  const context = new Set(question.context);
  const offer = (number: number, score: number): void => {
    const id = vocabulary.textOf(number);
    if (!context.has(id) && allows(id)) best.offer({ id, score, ...reasonFor(index, number) });
  };
  gather(index, question);
  for (const number of evidence.touched) {
    const score = scoreOf(index, number);
    if (score >= best.floor) offer(number, score);
  }
  // The most popular come first, so the first that finds no place ends it.
  for (const number of popularToo ? index.popular : []) {
    const score = popularPart(index, number);
    if (score < best.floor) break;
    if (!evidence.has(number)) offer(number, score);
  }
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

const seasonOf = (index: BasketIndex, number: number): number => 1 + SEASON * index.popularityOf(number);

function scoreOf(index: BasketIndex, number: number): number {
  const { again, near, beside } = index.evidence;
  return ((again[number] ?? 0) + (near[number] ?? 0)) * seasonOf(index, number) + (beside[number] ?? 0) + popularPart(index, number);
}

function reasonFor(index: BasketIndex, number: number): Pick<RecommendedItem, 'reason' | 'becauseOf'> {
  const { evidence, vocabulary } = index;
  if (!evidence.has(number)) return { reason: 'popular' };
  const [again, near, beside] = [evidence.again[number] ?? 0, evidence.near[number] ?? 0, evidence.beside[number] ?? 0];
  if (again >= near + beside / seasonOf(index, number)) return { reason: 'bought_before' };
  return { reason: 'bought_together', becauseOf: vocabulary.textOf(evidence.nearest[number] ?? 0) };
}

function gather(index: BasketIndex, { history, context, nowMs }: RecommendationQuestion): void {
  const { evidence } = index;
  evidence.clear();
  const own = weighed(index, history, nowMs);
  const speakers = new BestOf<Speaker>(SPEAKERS_MAX);
  for (const one of own) {
    evidence.bought(one.number, one.score);
    if (one.score >= speakers.floor) speakers.offer(one);
  }
  const seen = [...new Set(context)].flatMap((id) => {
    const number = index.find(id);
    return number === undefined ? [] : [{ id, number, score: 1 }];
  });
  addNeighbours(index, 'near', { speakers: speakers.sorted(), weight: HISTORY_WEIGHT });
  addNeighbours(index, 'beside', { speakers: seen, weight: CONTEXT_WEIGHT });
}

interface Speaker extends Scored {
  readonly number: number;
}

function weighed(index: BasketIndex, history: readonly PastUse[], nowMs: number): readonly Speaker[] {
  return history.flatMap(({ id, atMs }) => {
    const number = index.find(id);
    if (number === undefined) return [];
    const score = atMs.reduce((sum, usedMs) => sum + 2 ** (-Math.max(0, nowMs - usedMs) / DAY_MS / AGAIN_HALF_LIFE_DAYS), 0);
    return [{ id, number, score }];
  });
}

/** Each speaker adds its share of the weight to its neighbours, by how near they are. */
function addNeighbours(
  index: BasketIndex,
  part: 'near' | 'beside',
  { speakers, weight }: { readonly speakers: readonly Speaker[]; readonly weight: number },
): void {
  const total = speakers.reduce((sum, { score }) => sum + score, 0);
  for (const { number: speaker, score } of speakers) index.evidence.together(part, index.nearTo(speaker), { speaker, weight: (weight * score) / total });
}
