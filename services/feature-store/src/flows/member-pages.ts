import { AttuneError } from '@attune/kernel/errors';
import type { StateStore } from '@attune/state-store/port';
import { membersIn } from '../domain/segment-members.ts';
import type { SizePorts } from './list-segments.ts';
import { BUCKETS, bucketKey, countsKey, decodeMembers } from './members-state.ts';

/** Where a page begins: behind a profile id in a part of a partition. */
export interface MemberPlace {
  readonly partition: number;
  readonly bucket: number;
  /** Empty = with the first. */
  readonly after: string;
}

/** Parts read in one call of the store, and for one page at most: a page of a small segment among many profiles may be short. */
const READ_BUCKETS = 128;
const PAGE_BUCKETS = 8_192;

/** What finding members needs. */
export interface CandidatePorts extends Pick<SizePorts, 'membersIn' | 'partitions'> {
  readonly store: Pick<StateStore, 'read'>;
}

/** Whose names. */
export interface CandidatesAsked {
  readonly segment: string;
  readonly from: MemberPlace;
  readonly max: number;
}

/** Profile ids that are counted in the segment, at most `max`, and where the next ones are; undefined behind the last. @throws AttuneError STORE_UNAVAILABLE */
export async function findCandidates(
  ports: CandidatePorts,
  tenant: string,
  { segment, from, max }: CandidatesAsked,
): Promise<{ readonly found: readonly string[]; readonly next: MemberPlace | undefined }> {
  const found: string[] = [];
  let { partition, bucket, after } = from;
  for (let read = 0; partition < ports.partitions; read += READ_BUCKETS) {
    if (read >= PAGE_BUCKETS) return { found, next: { partition, bucket, after } };
    const members = await partMembers(ports, tenant, { segment, partition, bucket, after });
    for (const [i, ids] of (members ?? []).entries()) {
      const room = max - found.length;
      found.push(...ids.slice(0, room));
      // One more is known of before it is said that there are more.
      if (ids.length > room) return { found, next: { partition, bucket: bucket + i, after: ids[room - 1] ?? (i === 0 ? after : '') } };
    }
    after = '';
    bucket += READ_BUCKETS;
    if (members === undefined || bucket >= BUCKETS) [partition, bucket] = [partition + 1, 0];
  }
  return { found, next: undefined };
}

/** By part, from the one asked for; undefined where the partition has no members. */
async function partMembers(
  { store, membersIn: slotOf }: CandidatePorts,
  tenant: string,
  { segment, partition, bucket, after }: MemberPlace & { readonly segment: string },
): Promise<readonly (readonly string[])[] | undefined> {
  const parts = Array.from({ length: Math.min(READ_BUCKETS, BUCKETS - bucket) }, (_, i) => bucketKey(tenant, bucket + i));
  const { states } = await store.read(slotOf(partition), [countsKey(tenant), ...parts]);
  const [counted, ...buckets] = states;
  if (!((counted && decodeMembers(counted).ledger?.counts[segment]?.size) ?? 0)) return undefined;
  return buckets.map((bytes, i) => membersIn((bytes && decodeMembers(bytes).members) ?? {}, segment, i === 0 ? after : ''));
}

/** A place as an opaque word. */
export const tokenOf = ({ partition, bucket, after }: MemberPlace): string => Buffer.from(JSON.stringify([partition, bucket, after])).toString('base64url');

/** The place that a word stands for; the first for an empty one. @throws AttuneError REQUEST_INVALID for a word that no answer had */
export function placeIn(token: string, partitions: number): MemberPlace {
  if (token === '') return { partition: 0, bucket: 0, after: '' };
  const [partition, bucket, after] = partsOf(token);
  const isPlace = isBelow(partition, partitions) && isBelow(bucket, BUCKETS) && typeof after === 'string';
  if (!isPlace) throw new AttuneError('REQUEST_INVALID', 'Field: page_token. Give back the next_page_token of the page before.');
  return { partition, bucket, after };
}

const isBelow = (value: unknown, bound: number): value is number => Number.isInteger(value) && Number(value) >= 0 && Number(value) < bound;

function partsOf(token: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
