/** Counts by name within one stretch of time. */
export interface Bucket {
  /** Number of the second or day. */
  readonly at: number;
  readonly counts: Record<string, number>;
  /** Number of the last entry that changed it. */
  seq: number;
}

/** The newest buckets by their number. */
export interface Buckets {
  readonly max: number;
  readonly byAt: Map<number, Bucket>;
}

/** No buckets yet; at most `max` will be kept. */
export const emptyBuckets = (max: number): Buckets => ({ max, byAt: new Map() });

/** Counts one; the oldest buckets go where there are too many. */
export function count({ max, byAt }: Buckets, { at, name, seq }: { readonly at: number; readonly name: string; readonly seq: number }): void {
  const bucket = byAt.get(at) ?? { at, counts: Object.create(null) as Record<string, number>, seq };
  bucket.counts[name] = (bucket.counts[name] ?? 0) + 1;
  bucket.seq = seq;
  byAt.set(at, bucket);
  if (byAt.size > max) byAt.delete(Math.min(...byAt.keys()));
}

/** The buckets that changed after `seq`, oldest first. */
export const bucketsSince = ({ byAt }: Buckets, seq: number): readonly Bucket[] =>
  [...byAt.values()].filter((it) => it.seq > seq).toSorted((a, b) => a.at - b.at);

/** Mean count a bucket over the `span` buckets before `at`. */
export function meanBefore({ byAt }: Buckets, at: number, span: number): number {
  let sum = 0;
  for (let i = at - span; i < at; i++) for (const n of Object.values(byAt.get(i)?.counts ?? {})) sum += n;
  return sum / span;
}
