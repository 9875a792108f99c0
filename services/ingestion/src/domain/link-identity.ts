import { hash32 } from '@attune/kernel/hash';
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

/** Asks for the links of an event that was taken at `receivedAtMs`; each pair once. Does not edit what it is given. */
export function wantLinks(identity: Identity, hashes: readonly string[], receivedAtMs: number): WantedLinks {
  const link: string[] = [];
  const tooMany: string[] = [];
  let linked = identity.linked ?? [];
  for (const hash of hashes) {
    const pair = pairHash(hash);
    if (linked.some((one) => one.hash === pair)) continue;
    if (isFull(linked, identity.newestMs)) tooMany.push(hash);
    else {
      link.push(hash);
      linked = [...linked, { hash: pair, receivedAtMs, leaf: hash }];
    }
  }
  return { identity: link.length === 0 ? identity : { ...identity, linked }, link, tooMany };
}

/**
 * What a link does to an anonymous identifier: `opened`: it had no record yet, `moved`: its profile of before is to become part of the customer's,
 * `known`: nothing new, `parted`: a second customer was seen with it, so it is nobody's, under a profile of its own from here on.
 */
export type TakenLink = { readonly identity: Identity } & (
  | { readonly kind: 'opened' | 'known' | 'parted' }
  | { readonly kind: 'moved'; readonly from: string }
);

/** Takes a link to the profile of a customer. `mint` answers the profile id that this record mints. Does not edit what it is given. */
export function takeLink(before: Identity | undefined, profileId: string, mint: () => string): TakenLink {
  if (before === undefined) return { kind: 'opened', identity: { ...newIdentity(profileId), bond: 'linked' } };
  if (before.erased?.profileId === profileId) return { kind: 'known', identity: before }; // told before that customer was erased
  if (before.profileId === '') return { kind: 'opened', identity: { ...before, profileId, bond: 'linked' } };
  if (before.bond === undefined) return { kind: 'moved', from: before.profileId, identity: { ...before, profileId, bond: 'linked' } };
  if (before.bond === 'shared' || before.profileId === profileId) return { kind: 'known', identity: before };
  return { kind: 'parted', identity: { ...before, profileId: mint(), bond: 'shared' } };
}

const pairHash = (hash: string): bigint => (BigInt(hash32(hash, 0x5bd1e995)) << 32n) | BigInt(hash32(hash, 0x1b873593));

function isFull(linked: readonly LinkedIdentifier[], nowMs: number): boolean {
  return linked.length >= LINKS_MAX || linked.filter(({ receivedAtMs }) => receivedAtMs > nowMs - DAY_MS).length >= LINKS_A_DAY_MAX;
}
