/** The ids seen lately, in two halves: when the newer is full the older goes. */
export interface RecentIds {
  readonly halfMax: number;
  newer: Set<string>;
  older: Set<string>;
}

/** No ids yet; between `max / 2` and `max` of the newest will be known. */
export const noIds = (max: number): RecentIds => ({ halfMax: Math.max(1, Math.floor(max / 2)), newer: new Set(), older: new Set() });

/** Notes an id; false where it was known. */
export function remember(ids: RecentIds, id: string): boolean {
  if (ids.newer.has(id) || ids.older.has(id)) return false;
  if (ids.newer.size >= ids.halfMax) {
    ids.older = ids.newer;
    ids.newer = new Set();
  }
  ids.newer.add(id);
  return true;
}
