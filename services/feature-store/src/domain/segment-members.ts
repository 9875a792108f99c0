import { noHistory, type SizeHistory, withChange } from './size-history.ts';

/** Who is in which segments, by profile id, among some of the profiles. Who is in none does not stand here. */
export type MemberBucket = Record<string, readonly string[]>;

/** How many are in a segment. */
export interface SegmentCount {
  readonly size: number;
  readonly history: SizeHistory;
}

/** By segment, also those that are declared no more. */
export type SegmentCounts = Record<string, SegmentCount>;

/** What a partition knows beside its members; edited in place. */
export interface MembersLedger {
  readonly counts: SegmentCounts;
  /** By partition of attune.activity.v1, the last change that was noted: the offset of its record, and its place among the changes of that. */
  readonly upTo: Record<number, readonly [offset: number, n: number]>;
}

/** What is published of a profile, as far as members go. `gone`: it is part of another from here on, or its person was erased. */
export interface MemberChange {
  readonly kind: 'entered' | 'left' | 'gone';
  readonly profileId: string;
  /** Empty for `gone`. */
  readonly segment: string;
  readonly atMs: number;
  /** In attune.activity.v1. */
  readonly partition: number;
  readonly offset: number;
  /** The place among the changes of that record. */
  readonly n: number;
}

/** Notes a change among members and counts, both in place. A repeat changes nothing: what one partition publishes comes in order, stretches of it perhaps twice. */
export function noteChange(bucket: MemberBucket, ledger: MembersLedger, change: MemberChange): void {
  const { profileId, segment, kind, atMs } = change;
  const before = bucket[profileId] ?? [];
  if (kind === 'gone') {
    for (const one of before) countChange(ledger.counts, one, atMs, -1);
    delete bucket[profileId];
    return;
  }
  const entered = kind === 'entered';
  if (!isNews(ledger, change) || before.includes(segment) === entered) return;
  countChange(ledger.counts, segment, atMs, entered ? 1 : -1);
  const after = entered ? [...before, segment].toSorted() : before.filter((one) => one !== segment);
  if (after.length === 0) delete bucket[profileId];
  else bucket[profileId] = after;
}

function isNews({ upTo }: MembersLedger, { partition, offset, n }: MemberChange): boolean {
  const [lastOffset, lastN] = upTo[partition] ?? [-1, -1];
  if (offset < lastOffset || (offset === lastOffset && n <= lastN)) return false;
  upTo[partition] = [offset, n];
  return true;
}

function countChange(counts: SegmentCounts, segment: string, atMs: number, change: 1 | -1): void {
  const { size, history } = counts[segment] ?? { size: 0, history: noHistory };
  counts[segment] = { size: size + change, history: withChange(history, atMs, change) };
}

/** The members of a segment that stand in a bucket, sorted by profile id, those after `after`. */
export const membersIn = (bucket: MemberBucket, segment: string, after: string): readonly string[] =>
  Object.keys(bucket)
    .filter((profileId) => profileId > after && bucket[profileId]?.includes(segment) === true)
    .toSorted();
