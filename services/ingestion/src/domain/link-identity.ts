import { hash32 } from '@attune/kernel/hash';
import { changed, type IdentityChangeKind } from './identity-history.ts';
import { isRunaway } from './quarantine.ts';
import { type Identity, type LinkedIdentifier, newIdentity } from './resolve-identity.ts';

/** A customer is linked with so many anonymous identifiers in all, and with so many within 24 h of the customer's own time: nobody has more devices. */
export const LINKS_MAX = 255;
export const LINKS_A_DAY_MAX = 32;
const DAY_MS = 86_400_000;

/** Which of the anonymous identifiers that came with an event of a customer are to be linked now, which are too many, and what is kept from now on. */
export interface WantedLinks {
  readonly identity: Identity;
  readonly link: readonly string[];
  readonly tooMany: readonly string[];
}

/**
 * Asks for the links of an event that was taken at `receivedAtMs`; each pair once, until the device is handed on. A customer who has too many within a day is quarantined:
 * then nothing is asked for, and nothing told. Does not edit what it is given.
 */
export function wantLinks(identity: Identity, hashes: readonly string[], receivedAtMs: number): WantedLinks {
  const link: string[] = [];
  const tooMany: string[] = [];
  let linked = identity.linked ?? [];
  let { quarantined } = identity;
  for (const hash of hashes) {
    if (quarantined !== undefined || linked.some((one) => one.hash === pairHash(hash))) continue;
    if (isFullToday(linked, identity.newestMs)) quarantined = { sinceMs: receivedAtMs, reason: 'devices' };
    if (quarantined !== undefined || linked.length >= LINKS_MAX) tooMany.push(hash);
    else {
      link.push(hash);
      linked = [...linked, { hash: pairHash(hash), receivedAtMs, leaf: hash }];
    }
  }
  if (link.length === 0 && quarantined === identity.quarantined) return { identity, link, tooMany };
  return { identity: { ...identity, ...(linked.length > 0 && { linked }), ...(quarantined && { quarantined }) }, link, tooMany };
}

/** What a link says, and where. */
export interface GivenLink {
  /** Of the customer. */
  readonly profileId: string;
  /** The keyed hash of the customer's identifier; empty in what earlier versions wrote. */
  readonly by: string;
  readonly atMs: number;
  /** The record that named both. */
  readonly record: string;
}

/**
 * What a link does to an anonymous identifier: `opened`: it had no record yet, `moved`: its profile of before is to become part of the customer's,
 * `known`: nothing new, `handed_on`: another customer has what comes from here on, and the one before is told (empty where nobody knows who that was),
 * `quarantined`: it was seen with too many, so it is nobody's, under a profile of its own from here on.
 */
export type TakenLink = { readonly identity: Identity } & (
  | { readonly kind: 'opened' | 'known' | 'quarantined' }
  | { readonly kind: 'moved'; readonly from: string }
  | { readonly kind: 'handed_on'; readonly lostBy: string }
);

/** Takes a link to the profile of a customer. `mint` answers the profile id that this record mints. Does not edit what it is given. */
export function takeLink(before: Identity | undefined, link: GivenLink, mint: () => string): TakenLink {
  const { profileId } = link;
  if (before === undefined) return { kind: 'opened', identity: linkedBy(newIdentity(profileId), link, 'opened') };
  if (before.erased?.profileId === profileId) return { kind: 'known', identity: before }; // told before that customer was erased
  if (before.quarantined !== undefined) return { kind: 'known', identity: before };
  if (before.profileId === '') return { kind: 'opened', identity: linkedBy(before, link, 'opened') };
  if (before.bond === undefined) return { kind: 'moved', from: before.profileId, identity: linkedBy(before, link, 'moved') };
  if (before.bond === 'shared' || before.profileId === profileId) return { kind: 'known', identity: before };
  if (!isRunaway(before, profileId, link.atMs)) {
    const lostBy = before.changes?.findLast(({ to }) => to === before.profileId)?.by ?? '';
    return { kind: 'handed_on', lostBy, identity: linkedBy(before, link, 'handed_on') };
  }
  const nobody = changed(before, { ...link, kind: 'quarantined', from: before.profileId, to: mint() });
  return { kind: 'quarantined', identity: { ...nobody, bond: 'shared', quarantined: { sinceMs: link.atMs, reason: 'customers' } } };
}

/** Lets go of a pair whose device leads elsewhere from now on, so that the next event that names both asks for it again. Does not edit what it is given. */
export function loseLink(identity: Identity, leaf: string): Identity {
  const { linked = [], ...rest } = identity;
  const left = linked.filter(({ hash }) => hash !== pairHash(leaf));
  return left.length === linked.length ? identity : { ...rest, ...(left.length > 0 && { linked: left }) };
}

function linkedBy(before: Identity, { profileId, by, atMs, record }: GivenLink, kind: IdentityChangeKind): Identity {
  const from = kind === 'opened' ? '' : before.profileId;
  return { ...changed(before, { kind, atMs, from, to: profileId, by, record }), bond: 'linked' };
}

const pairHash = (hash: string): bigint => (BigInt(hash32(hash, 0x5bd1e995)) << 32n) | BigInt(hash32(hash, 0x1b873593));

const isFullToday = (linked: readonly LinkedIdentifier[], nowMs: number): boolean =>
  linked.filter(({ receivedAtMs }) => receivedAtMs > nowMs - DAY_MS).length >= LINKS_A_DAY_MAX;
