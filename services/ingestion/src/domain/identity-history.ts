import type { Identity } from './resolve-identity.ts';

/** What happened to an identifier: see IdentifierChangeKind of the contract. */
export type IdentityChangeKind = 'opened' | 'moved' | 'handed_on' | 'quarantined' | 'allowed';

/** One change of whose an identifier is. */
export interface IdentityChange {
  readonly kind: IdentityChangeKind;
  /** When the door took the record that was its cause, in ms since 1970. */
  readonly atMs: number;
  /** Empty where there was none. */
  readonly from: string;
  /** The profile from here on. */
  readonly to: string;
  /** The keyed hash of the customer's identifier; empty where no customer was the cause, or an earlier version told of it. */
  readonly by: string;
  /** The record of attune.accepted.v1 that was its cause, as partition/offset. */
  readonly record: string;
}

/** So many changes of an identifier are kept. */
export const CHANGES_MAX = 32;

/** The identity with one more change, the oldest let go of where there are too many. Does not edit what it is given. */
export const changed = (identity: Identity, change: IdentityChange): Identity => ({
  ...identity,
  profileId: change.to,
  changes: [...(identity.changes ?? []), change].slice(-CHANGES_MAX),
});

/**
 * Whose it is what was said for a profile under this identifier: the one that it was said for where the identifier has led there, or of a visitor the profile
 * that the visitor became part of; its own profile otherwise.
 */
export function saidWhose({ bond, profileId, changes = [] }: Identity, saidFor: string): string {
  if (saidFor === '') return profileId;
  let whose = saidFor;
  for (const { kind, from, to } of changes) if (kind === 'moved' && from === whose) whose = to;
  if (changes.some(({ from, to }) => from === whose || to === whose)) return whose;
  return bond === 'shared' ? saidFor : profileId;
}
