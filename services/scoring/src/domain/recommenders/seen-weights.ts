import type { Seen } from './recommender.ts';

/** An item that was used, and how much it speaks. */
export interface Speaker {
  readonly item: number;
  readonly weight: number;
}

/**
 * The distinct items of what was seen, each at its last use, newest first: the newest weighs 1, and each `halfLife` distinct items before it half as much; infinity = all
 * weigh 1. Items at or above `itemCount` are left out.
 */
export function seenWeights({ items }: Pick<Seen, 'items'>, itemCount: number, halfLife: number): readonly Speaker[] {
  const known = new Set<number>();
  const speakers: Speaker[] = [];
  for (let at = items.length - 1; at >= 0; at--) {
    const item = items[at] ?? itemCount;
    if (item >= itemCount || known.has(item)) continue;
    known.add(item);
    speakers.push({ item, weight: 2 ** (-speakers.length / halfLife) });
  }
  return speakers;
}
