import type { Recommender, Seen, Uses } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';

/** How the past speaks for buying again. */
export interface RepeatPurchaseOptions {
  /** After so many days a purchase says half as much. */
  readonly halfLifeDays: number;
  /** From 0 (no matter when) to 1: how much less an item says right after it was bought, until its usual gap has gone by. */
  readonly dueShare: number;
  /** From 0 (no matter what) up: how much it counts whether others buy the item again. */
  readonly repeatPower: number;
  /** What is usual where nobody bought anything again; absent = a day. */
  readonly usualGapMs?: number;
}

/** An item that will be bought again. */
export interface DueItem {
  readonly item: number;
  /** When, in ms since 1970: one usual gap after the last time. */
  readonly dueMs: number;
}

const DAY_MS = 86_400_000;
/** The doubt about an item that few bought: so many buyers of the average kind beside its own. */
const PRIOR_BUYERS = 10;
/** And so many gaps of the item beside the customer's own. */
const PRIOR_GAPS = 1;

/**
 * What this customer buys again, and when it is due: purchases fading with time, times the share of its buyers who came back for an item, less while its usual gap is not
 * over (after Bhagat et al., Buy it again, KDD 2018). The usual gap is the customer's mean, drawn to that of all who bought the item again. Purchases of one day are one.
 */
export class RepeatPurchase implements Recommender {
  readonly #options: RepeatPurchaseOptions;
  readonly #repeat: Float64Array;
  readonly #gapMs: Float64Array;

  constructor({ itemCount, sequences }: Uses, options: RepeatPurchaseOptions) {
    const facts = repeatsOf(sequences, itemCount);
    const [buyers, again, gaps, gapMs] = [sum(facts.buyers), sum(facts.again), sum(facts.gaps), sum(facts.gapMs)];
    const [shareOfAll, gapOfAll] = [again / (buyers || 1), gaps === 0 ? (options.usualGapMs ?? 0) : gapMs / gaps];
    this.#options = options;
    this.#repeat = facts.buyers.map((own, item) => ((facts.again[item] ?? 0) + PRIOR_BUYERS * shareOfAll) / (own + PRIOR_BUYERS));
    this.#gapMs = facts.gaps.map((own, item) => ((facts.gapMs[item] ?? 0) + PRIOR_BUYERS * gapOfAll) / (own + PRIOR_BUYERS));
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    const { halfLifeDays, dueShare, repeatPower } = this.#options;
    for (const [item, days] of daysByItem(seen, this.#repeat.length)) {
      const frequency = days.reduce((total, atMs) => total + 2 ** (-Math.max(0, seen.nowMs - atMs) / DAY_MS / halfLifeDays), 0);
      const gone = Math.max(0, seen.nowMs - (days.at(-1) ?? 0)) / this.#usualGapMs(item, days);
      const due = 1 - dueShare * (1 - Math.min(1, gone));
      sheet.add(item, frequency * due * (this.#repeat[item] ?? 0) ** repeatPower);
    }
  }

  /** When each item of the past is due, the earliest first, ties by number. */
  due(seen: Seen): readonly DueItem[] {
    const all = Array.from(daysByItem(seen, this.#repeat.length), ([item, days]) => ({ item, dueMs: (days.at(-1) ?? 0) + this.#usualGapMs(item, days) }));
    return all.toSorted((a, b) => a.dueMs - b.dueMs || a.item - b.item);
  }

  #usualGapMs(item: number, days: readonly number[]): number {
    const own = (days.at(-1) ?? 0) - (days[0] ?? 0);
    return Math.max(DAY_MS, (own + PRIOR_GAPS * (this.#gapMs[item] ?? 0)) / (days.length - 1 + PRIOR_GAPS));
  }
}

/** When each item was bought: the first moment of each day, ascending. */
function daysByItem({ items, atMs }: Pick<Seen, 'items' | 'atMs'>, itemCount: number): ReadonlyMap<number, readonly number[]> {
  const days = new Map<number, number[]>();
  for (let at = 0; at < items.length; at++) {
    const [item, moment] = [items[at] ?? itemCount, atMs[at] ?? 0];
    const known = days.get(item);
    if (item >= itemCount) continue;
    if (known === undefined) days.set(item, [moment]);
    else if (Math.floor((known.at(-1) ?? 0) / DAY_MS) !== Math.floor(moment / DAY_MS)) known.push(moment);
  }
  return days;
}

function repeatsOf(sequences: Uses['sequences'], itemCount: number) {
  const [buyers, again, gaps, gapMs] = [new Float64Array(itemCount), new Float64Array(itemCount), new Float64Array(itemCount), new Float64Array(itemCount)];
  for (const sequence of sequences) {
    for (const [item, days] of daysByItem(sequence, itemCount)) {
      buyers[item] = (buyers[item] ?? 0) + 1;
      again[item] = (again[item] ?? 0) + (days.length > 1 ? 1 : 0);
      gaps[item] = (gaps[item] ?? 0) + days.length - 1;
      gapMs[item] = (gapMs[item] ?? 0) + (days.at(-1) ?? 0) - (days[0] ?? 0);
    }
  }
  return { buyers, again, gaps, gapMs };
}

const sum = (numbers: Float64Array): number => numbers.reduce((total, number) => total + number, 0);
