import type { UseSequence, Uses } from './recommender.ts';

/**
 * Sessions in columns, the newest has number 0; of two that ended at once the later one of the input. So an item's sessions lie newest first, and "the most recent" is
 * "the smallest number".
 */
export interface SessionIndex {
  readonly itemCount: number;
  readonly sessionCount: number;
  /** When each session's last use was. */
  readonly endMs: Float64Array;
  /** The distinct items of session s stand from `starts[s]` to `starts[s + 1]`, in the order of their last use. */
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
  /** The place of that last use in the session, from 0. */
  readonly places: Uint32Array;
  /** The sessions of item i stand from `itemStarts[i]` to `itemStarts[i + 1]`, newest first. */
  readonly itemStarts: Uint32Array;
  readonly sessions: Uint32Array;
  /** How rare an item is: ln(sessions / sessions that hold it); 0 for one in none. */
  readonly idf: Float64Array;
}

/** Packs sessions. Takes the uses once, and sorting the sessions. @throws RangeError for an item at or above `itemCount` */
export function sessionIndex({ itemCount, sequences }: Uses): SessionIndex {
  const newest = newestFirst(sequences);
  const packed = packedItems(newest, itemCount);
  const sessionCount = newest.length;
  const itemStarts = new Uint32Array(itemCount + 1);
  for (const item of packed.items) itemStarts[item + 1] = (itemStarts[item + 1] ?? 0) + 1;
  for (let item = 0; item < itemCount; item++) itemStarts[item + 1] = (itemStarts[item + 1] ?? 0) + (itemStarts[item] ?? 0);
  const idf = Float64Array.from({ length: itemCount }, (_, item) => rarity(sessionCount, (itemStarts[item + 1] ?? 0) - (itemStarts[item] ?? 0)));
  const endMs = Float64Array.from(newest, endOf);
  return { itemCount, sessionCount, endMs, ...packed, itemStarts, sessions: sessionsByItem(packed, itemStarts), idf };
}

const endOf = ({ atMs }: UseSequence): number => atMs[atMs.length - 1] ?? Number.NEGATIVE_INFINITY;

const rarity = (sessions: number, holding: number): number => (holding === 0 ? 0 : Math.log(sessions / holding));

const newestFirst = (sequences: readonly UseSequence[]): readonly UseSequence[] =>
  sequences
    .map((sequence, place) => ({ sequence, place, endMs: endOf(sequence) }))
    .toSorted((a, b) => b.endMs - a.endMs || b.place - a.place)
    .map(({ sequence }) => sequence);

type Packed = Pick<SessionIndex, 'starts' | 'items' | 'places'>;

function packedItems(sequences: readonly UseSequence[], itemCount: number): Packed {
  const starts = new Uint32Array(sequences.length + 1);
  const [items, places]: [number[], number[]] = [[], []];
  const seenIn = new Uint32Array(itemCount);
  for (const [session, { items: used }] of sequences.entries()) {
    const first = items.length;
    // From the end: an item stands where it was used last.
    for (let place = used.length - 1; place >= 0; place--) {
      const item = used[place] ?? 0;
      if (!(item < itemCount)) throw new RangeError(`item ${item} of ${itemCount}`);
      if (seenIn[item] === session + 1) continue;
      seenIn[item] = session + 1;
      items.push(item);
      places.push(place);
    }
    turn(items, first);
    turn(places, first);
    starts[session + 1] = items.length;
  }
  return { starts, items: Uint32Array.from(items), places: Uint32Array.from(places) };
}

/** Turns what stands from `first` on the other way round. */
function turn(list: number[], first: number): void {
  for (let [a, b] = [first, list.length - 1]; a < b; a++, b--) [list[a], list[b]] = [list[b] as number, list[a] as number];
}

function sessionsByItem({ starts, items }: Packed, itemStarts: Uint32Array): Uint32Array {
  const next = itemStarts.slice();
  const sessions = new Uint32Array(items.length);
  for (let session = 0; session + 1 < starts.length; session++) {
    for (let at = starts[session] ?? 0; at < (starts[session + 1] ?? 0); at++) {
      const item = items[at] ?? 0;
      const place = next[item] ?? 0;
      sessions[place] = session;
      next[item] = place + 1;
    }
  }
  return sessions;
}
