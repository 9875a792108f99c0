import { noHistory, type SizeHistory, withChange } from './size-history.ts';

/** Where a profile stands among the members: its segments, sorted, and the place of the last change that was noted. */
export interface Membership {
  readonly segments: readonly string[];
  /** Offset in attune.activity.v1, and the place among the changes of that record. */
  readonly offset: number;
  readonly n: number;
}

/** The members among some of the profiles, by profile id. Who is in no segment does not stand here. */
export type MemberBucket = Record<string, Membership>;

/** How many are in a segment. */
export interface SegmentCount {
  readonly size: number;
  readonly history: SizeHistory;
}

/** By segment, also those that are declared no more. */
export type SegmentCounts = Record<string, SegmentCount>;

/** What is published of a profile, as far as members go. `gone`: it is part of another from here on, or its person was erased. */
export interface MemberChange {
  readonly kind: 'entered' | 'left' | 'gone';
  readonly profileId: string;
  /** Empty for `gone`. */
  readonly segment: string;
  readonly atMs: number;
  readonly offset: number;
  readonly n: number;
}

/**
 * Notes a change among members and counts, both in place. A repeat changes nothing: what is published of one profile comes in order, stretches of it
 * perhaps twice, and a stretch that is told of somebody who is in no segment any more ends as it ended before.
 */
export function noteChange(bucket: MemberBucket, counts: SegmentCounts, change: MemberChange): void {
  const { profileId, segment, kind, offset, n } = change;
  const known = bucket[profileId];
  if (kind === 'gone') {
    for (const one of known?.segments ?? []) countChange(counts, one, change.atMs, -1);
    delete bucket[profileId];
    return;
  }
  if (known && (offset < known.offset || (offset === known.offset && n <= known.n))) return;
  const before = known?.segments ?? [];
  const isIn = before.includes(segment);
  const entered = kind === 'entered';
  if (isIn !== entered) countChange(counts, segment, change.atMs, entered ? 1 : -1);
  const segments = entered ? [...before.filter((one) => one !== segment), segment].toSorted() : before.filter((one) => one !== segment);
  if (segments.length === 0) delete bucket[profileId];
  else bucket[profileId] = { segments, offset, n };
}

function countChange(counts: SegmentCounts, segment: string, atMs: number, change: 1 | -1): void {
  const { size, history } = counts[segment] ?? { size: 0, history: noHistory };
  counts[segment] = { size: size + change, history: withChange(history, atMs, change) };
}

/** The members of a segment that stand in a bucket, sorted by profile id, those after `after`. */
export const membersIn = (bucket: MemberBucket, segment: string, after: string): readonly string[] =>
  Object.keys(bucket)
    .filter((profileId) => profileId > after && bucket[profileId]?.segments.includes(segment) === true)
    .toSorted();
