import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import type { SessionIndex } from './session-index.ts';

/** How fast what lies further away says less. */
export interface StanOptions {
  /** Of the sessions that share an item so many are looked at, the newest. */
  readonly sessionsMax: number;
  /** And of these so many speak. */
  readonly neighbours: number;
  /** Places from the end of the open session, by which a shared item says 1/e as much. */
  readonly placeScale: number;
  /** Days since a session ended. */
  readonly dayScale: number;
  /** Places between an item of a neighbour and the last one there that the open session shares. */
  readonly nearScale: number;
}

const DAY_MS = 86_400_000;

/**
 * STAN (Garg et al., SIGIR 2019): the similarity of two sessions weighs shared items by how late they came in the open one, old sessions less, and of a neighbour the
 * items near to what is shared more. Ties of sessions: the newer one. An answer sorts the sessions it meets: at most the open session's items times `sessionsMax`.
 */
export class Stan implements Recommender {
  readonly #index: SessionIndex;
  readonly #options: StanOptions;

  constructor(index: SessionIndex, options: StanOptions) {
    this.#index = index;
    this.#options = options;
  }

  score(seen: Seen, sheet: ScoreSheet): void {
    const weights = this.#placeWeights(seen);
    for (const { session, alike } of this.#neighboursOf(weights, seen.nowMs)) this.#speak(session, alike, weights, sheet);
  }

  /** By item of the open session, at its last place. */
  #placeWeights({ items }: Seen): ReadonlyMap<number, number> {
    const weights = new Map<number, number>();
    for (let place = 0; place < items.length; place++) {
      const item = items[place] ?? 0;
      if (item < this.#index.itemCount) weights.set(item, Math.exp((place + 1 - items.length) / this.#options.placeScale));
    }
    return weights;
  }

  #neighboursOf(weights: ReadonlyMap<number, number>, nowMs: number): readonly Neighbour[] {
    const { sessionsMax, neighbours, dayScale } = this.#options;
    const { sessions, itemStarts, starts, endMs } = this.#index;
    const sums = new Map<number, number>();
    for (const [item, weight] of weights) {
      const start = itemStarts[item] ?? 0;
      // Whoever is among the newest of all is among the newest of each of its items.
      for (const session of sessions.subarray(start, Math.min(start + sessionsMax, itemStarts[item + 1] ?? 0)))
        sums.set(session, (sums.get(session) ?? 0) + weight);
    }
    const newest = Uint32Array.from(sums.keys()).toSorted().subarray(0, sessionsMax);
    const all = Array.from(newest, (session): Neighbour => {
      const items = (starts[session + 1] ?? 0) - (starts[session] ?? 0);
      const days = (nowMs - (endMs[session] ?? 0)) / DAY_MS;
      return { session, alike: ((sums.get(session) ?? 0) / Math.sqrt(items)) * Math.exp(-days / dayScale) };
    });
    return all.toSorted((a, b) => b.alike - a.alike || a.session - b.session).slice(0, neighbours);
  }

  #speak(session: number, alike: number, weights: ReadonlyMap<number, number>, sheet: ScoreSheet): void {
    const { starts, items, places } = this.#index;
    const [start, end] = [starts[session] ?? 0, starts[session + 1] ?? 0];
    let shared = 0;
    for (let at = start; at < end; at++) if (weights.has(items[at] ?? 0)) shared = places[at] ?? 0;
    for (let at = start; at < end; at++) sheet.add(items[at] ?? 0, alike * Math.exp(-Math.abs((places[at] ?? 0) - shared) / this.#options.nearScale));
  }
}

interface Neighbour {
  readonly session: number;
  readonly alike: number;
}
