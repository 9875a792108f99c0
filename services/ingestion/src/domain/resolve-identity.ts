import { hash32 } from '@attune/kernel/hash';
import type { IdentityChange } from './identity-history.ts';
import type { Quarantined } from './quarantine.ts';

/** A message that was taken: 64 bits of a hash of its id, and when the door took it, in ms since 1970. */
export interface SeenMessage {
  readonly hash: bigint;
  readonly receivedAtMs: number;
}

/** An anonymous identifier that a customer was asked to be linked with. */
export interface LinkedIdentifier extends SeenMessage {
  /** The keyed hash whose hash that is. Absent in what was kept by earlier versions. */
  readonly leaf?: string;
}

/** The profile that an identifier had before the person was erased, and when that was asked for, in ms since 1970. */
export interface ErasedProfile {
  readonly profileId: string;
  readonly atMs: number;
}

/** What is kept of one identifier: whose it is, and its messages of the last day, oldest first. */
export interface Identity {
  /** Empty from an erasure until the person comes back. */
  readonly profileId: string;
  /** The largest `receivedAtMs` so far, in ms since 1970: its log time. */
  readonly newestMs: number;
  readonly seen: readonly SeenMessage[];
  /** Of an anonymous identifier: `linked` where its profile is that of the customer last seen with it, `shared` where too many were, and it is nobody's. Absent before. */
  readonly bond?: 'linked' | 'shared';
  /** Of a customer: a hash of each anonymous identifier that was asked to be linked, and the time of its event, in the order of the log. Absent = none. */
  readonly linked?: readonly LinkedIdentifier[];
  /** Absent where nobody was erased. */
  readonly erased?: ErasedProfile;
  /** What became of the identifier, the oldest first, at most CHANGES_MAX. Absent where nothing did. */
  readonly changes?: readonly IdentityChange[];
  /** Since when it joins nobody. Absent where that is not so. */
  readonly quarantined?: Quarantined;
}

/** What a record says: one message of the identifier. */
export interface Arrived {
  readonly kind: 'event' | 'consent';
  readonly messageId: string;
  readonly receivedAtMs: number;
}

/** Where a record lies. */
export interface RecordPlace {
  readonly tenant: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** First seen, or a repeat of a message of the last day; and what is kept from now on. */
export interface Resolution {
  readonly kind: 'new' | 'repeat';
  readonly identity: Identity;
}

/** So long, and so many an identifier, a message is remembered. */
export const REMEMBERED_MS = 86_400_000;
export const REMEMBERED_MAX = 1_024;

/** The profile that an identifier gets whose first record lies here; the same at every replay. `digest`: SHA-256 of a text, in base64url. */
export const mintProfileId = ({ tenant, topic, partition, offset }: RecordPlace, digest: (text: string) => string): string =>
  `p_${digest(JSON.stringify([tenant, `${topic}/${partition}/${offset}`])).slice(0, 16)}`;

/** What is known of an identifier before its first record. */
export const newIdentity = (profileId: string): Identity => ({ profileId, newestMs: 0, seen: [] });

/**
 * Tells a new message of an identifier from a repeat: one with the id of a message that was taken at most 24 h before the newest one,
 * and is among the newest 1,024. Does not edit what it is given. O(messages remembered).
 */
export function resolveIdentity(known: Identity, arrived: Arrived): Resolution {
  const { newestMs: before, seen } = known;
  const newestMs = Math.max(before, arrived.receivedAtMs);
  const sinceMs = newestMs - REMEMBERED_MS;
  const oldest = seen.findIndex(({ receivedAtMs }) => receivedAtMs >= sinceMs);
  const fresh = oldest < 0 ? [] : seen.slice(oldest);
  const hash = messageHash(arrived);
  if (fresh.some((one) => one.hash === hash)) return { kind: 'repeat', identity: { ...known, newestMs, seen: fresh } };
  const kept = arrived.receivedAtMs < sinceMs ? fresh : inserted(fresh, { hash, receivedAtMs: arrived.receivedAtMs });
  return { kind: 'new', identity: { ...known, newestMs, seen: kept } };
}

/** Events and consent have message ids of their own. */
function messageHash({ kind, messageId }: Arrived): bigint {
  const text = `${kind}\n${messageId}`;
  return (BigInt(hash32(text, 0x5bd1e995)) << 32n) | BigInt(hash32(text, 0x1b873593));
}

/** In order of time, the later arrival last; the oldest goes where there are too many. */
function inserted(seen: readonly SeenMessage[], one: SeenMessage): readonly SeenMessage[] {
  const after = seen.findLastIndex(({ receivedAtMs }) => receivedAtMs <= one.receivedAtMs) + 1;
  return [...seen.slice(0, after), one, ...seen.slice(after)].slice(-REMEMBERED_MAX);
}
