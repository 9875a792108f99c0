import { saidWhose } from './identity-history.ts';
import { type Arrived, type ErasedProfile, type Identity, resolveIdentity } from './resolve-identity.ts';

/** What an erasure does to an identifier: `forgotten`: the profile was its own, `apart`: it has another one, or none. */
export interface ErasedIdentity {
  readonly kind: 'forgotten' | 'apart';
  readonly identity: Identity | undefined;
  /** The keyed hashes of the identifiers that it was linked with: they are told too. */
  readonly tell: readonly string[];
}

/** Takes the erasure of a profile. The messages of the last day stay known by their hashes, so that none is taken again. Does not edit what it is given. */
export function eraseIdentity(before: Identity | undefined, erased: ErasedProfile): ErasedIdentity {
  if (before === undefined || before.profileId !== erased.profileId) return { kind: 'apart', identity: before, tell: [] };
  const { newestMs, seen, linked = [], quarantined } = before;
  const identity: Identity = { profileId: '', newestMs, seen, erased, ...(quarantined && { quarantined }) };
  return { kind: 'forgotten', identity, tell: linked.flatMap(({ leaf }) => leaf ?? []) };
}

/** A message, when it happened, and the profile that it was said for; empty where it named an identifier. */
export interface ArrivedMessage extends Arrived {
  readonly happenedAtMs: number;
  readonly saidFor: string;
}

/** Whose a message is: `new` or a `repeat` of the identifier's own, or `erased`: it is about the person of before, who is not brought back. */
export interface Whose {
  readonly kind: 'new' | 'repeat' | 'erased';
  readonly profileId: string;
  readonly identity: Identity;
}

/** Tells whose a message is; after an erasure the first one that happened since begins a profile of its own, which `mint` answers. Does not edit what it is given. */
export function whoseMessage(known: Identity, arrived: ArrivedMessage, mint: () => string): Whose {
  const { kind, identity } = resolveIdentity(known, arrived);
  const { erased, profileId } = identity;
  if (erased === undefined) return { kind, profileId: saidWhose(identity, arrived.saidFor), identity };
  if (isOfBefore(identity, arrived, erased)) return { kind: 'erased', profileId: erased.profileId, identity };
  if (profileId !== '') return { kind, profileId: saidWhose(identity, arrived.saidFor), identity };
  if (kind === 'repeat') return { kind: 'erased', profileId: erased.profileId, identity };
  const minted = mint();
  return { kind, profileId: minted, identity: { ...identity, profileId: minted } };
}

/** What is said for a profile begins none; and what happened before the erasure tells of the person of before, however late it comes. */
function isOfBefore({ profileId }: Identity, { saidFor, happenedAtMs }: ArrivedMessage, erased: ErasedProfile): boolean {
  if (saidFor !== '') return saidFor === erased.profileId || profileId === '';
  return happenedAtMs <= erased.atMs;
}
