import { AttuneError } from '@attune/kernel/errors';
import { unitHash } from '@attune/kernel/hash';
import type { StateKey } from '@attune/state-store/port';
import type { MemberBucket, MembersLedger } from '../domain/segment-members.ts';

/** What the processor `segments` keeps under a key: the members among some profiles, or the counts of the partition. */
export interface MembersState {
  members?: MemberBucket;
  ledger?: MembersLedger;
}

/** Parts that the members of a partition are kept in, so that a change writes few of them. */
export const BUCKETS = 1_024;

/** The part that a profile stands in. */
export const bucketOf = (profileId: string): number => Math.floor(unitHash(profileId) * BUCKETS);

/** The state of a part. */
export const bucketKey = (tenant: string, bucket: number): StateKey => `${tenant}:members:${bucket}`;

/** The state that counts what the partition has. */
export const countsKey = (tenant: string): StateKey => `${tenant}:partition:counts`;

const VERSION = 1;
const text = new TextEncoder();
const plain = new TextDecoder();

/** JSON with a version; undefined for a part without members. */
export function encodeMembers({ members, ledger }: MembersState): Uint8Array | undefined {
  if (ledger === undefined && Object.keys(members ?? {}).length === 0) return undefined;
  return text.encode(
    JSON.stringify({ v: VERSION, ...(ledger ? { ledger: { ...ledger, counts: sorted(ledger.counts) } } : { members: sorted(members ?? {}) }) }),
  );
}

/** @throws AttuneError STATE_UNREADABLE for bytes of another version: a changed shape means a replay, never a guess */
export function decodeMembers(bytes: Uint8Array): MembersState {
  const { v, ...state } = JSON.parse(plain.decode(bytes)) as MembersState & { readonly v: number };
  if (v !== VERSION) throw new AttuneError('STATE_UNREADABLE', `Members have version ${String(v)}; ${VERSION} is read. Replay them.`);
  return state;
}

/** Equal states have equal bytes. */
const sorted = <T>(by: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(by).toSorted(([a], [b]) => (a < b ? -1 : 1)));
