import { emptyProfile, type Profile } from '../domain/fold-profile.ts';
import type { ProfileCodec } from '../ports.ts';

interface Stored {
  readonly v: 1;
  readonly id: string;
  readonly n: number;
  readonly c: readonly (readonly [string, number])[];
  readonly t: number;
}

/** JSON with a version, names sorted. */
export const profileCodec: ProfileCodec = { encode, decode };

function encode({ profileId, events, counts, newestMs }: Profile): Uint8Array {
  const stored: Stored = { v: 1, id: profileId, n: events, c: [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)), t: newestMs };
  return Buffer.from(JSON.stringify(stored));
}

function decode(bytes: Uint8Array): Profile {
  const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as Stored;
  if (stored.v !== 1) throw new Error(`a profile of version ${String(stored.v)} cannot be read by this one`);
  return { ...emptyProfile(), profileId: stored.id, events: stored.n, counts: new Map(stored.c), newestMs: stored.t };
}
