import type { FeatureCell, Leaf, MergedProfile, Profile, Said, Trait } from './profile.ts';
import { emptyLeaf, isPersonal, LEAVES_MAX, laterTrait, leafOf, needPersonal } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';

/** The folds of a visitor on their way into the profile of the customer that the visitor became. */
export interface MovedFolds {
  readonly from: MergedProfile;
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** Log time of the profile that they leave, in ms since 1970. */
  readonly logTimeMs: number;
  readonly newestMs: number;
  readonly events: number;
  readonly late: number;
}

/** True where these folds were installed before. */
export const isInstalled = ({ merged }: Profile, { from }: MovedFolds): boolean => merged.some(({ linkId }) => linkId === from.linkId);

/**
 * Installs folds into the profile, in place. What the visitor did counts as if the customer had done it, exactly, whatever came before it; only words on
 * consent know an order: those under the same identifier are older than the customer's profile has them, and under other identifiers the strictest counts.
 */
export function installFolds(profile: Profile, moved: MovedFolds, rules: ProfileRules): void {
  needPersonal(profile);
  for (const [id, leaf] of moved.leaves) install(profile, { id, leaf, rules });
  profile.merged = [...profile.merged, moved.from];
  profile.events += moved.events;
  profile.late += moved.late;
  profile.newestMs = Math.max(profile.newestMs, moved.newestMs);
  profile.envelope = undefined;
}

interface Installing {
  readonly id: string;
  readonly leaf: Leaf;
  readonly rules: ProfileRules;
}

function install(profile: Profile, { id, leaf, rules }: Installing): void {
  const isOwn = profile.leaves.has(id) || profile.leaves.size < LEAVES_MAX;
  const into = leafOf(profile, id);
  const isErased = profile.personal === 'erased';
  for (const [name, cell] of leaf.features) if (!(isErased && cell.personal)) installCell(into, name, cell, rules);
  for (const [name, trait] of leaf.traits) installTrait(into, name, trait, { rules, isErased });
  for (const [purpose, said] of leaf.consent) installWord(into, { purpose, said, isOlder: isOwn });
  // A leaf that holds several identifiers is told by its own records alone which of them it has seen.
  if (isOwn) for (const [partition, offset] of leaf.accepted) into.accepted.set(partition, Math.max(offset, into.accepted.get(partition) ?? -1));
}

/** What was folded under another declaration means something else: it is let go of, as at a change of the configuration. */
function installCell({ features }: Leaf, name: string, cell: FeatureCell, rules: ProfileRules): void {
  const active = rules.features.find(({ declaration }) => declaration.name === name);
  if (active?.signature !== cell.signature) return;
  const known = features.get(name);
  if (known === undefined) features.set(name, { ...cell, state: active.kind.merge(cell.state, active.kind.init(), active.declaration) });
  else {
    known.state = active.kind.merge(known.state, cell.state, active.declaration);
    known.newestMs = Math.max(known.newestMs, cell.newestMs);
    known.bytes = undefined;
  }
}

function installTrait({ traits }: Leaf, name: string, trait: Trait, { rules, isErased }: { readonly rules: ProfileRules; readonly isErased: boolean }): void {
  const declared = rules.traits.get(name);
  if (declared === undefined || (isErased && isPersonal(declared))) return;
  const later = laterTrait(traits.get(name), { ...trait, personal: isPersonal(declared) });
  if (later) traits.set(name, later);
}

function installWord({ consent }: Leaf, { purpose, said, isOlder }: { readonly purpose: string; readonly said: Said; readonly isOlder: boolean }): void {
  const known = consent.get(purpose);
  if (known === undefined || (!isOlder && known.granted && !said.granted)) consent.set(purpose, said);
}

/** All folds of a profile, to be installed in another one. They are the profile's own: it must not be folded into any more. */
export function foldsOf(profile: Profile, linkId: string): MovedFolds {
  needPersonal(profile);
  const { profileId, leaves, logTimeMs, newestMs, events, late } = profile;
  return { from: { linkId, profileId }, leaves, logTimeMs, newestMs, events, late };
}

/** By partition of attune.accepted.v1, the last offset that any leaf of the profile has folded. */
export function acceptedOf({ leaves }: Pick<Profile, 'leaves'>): ReadonlyMap<number, number> {
  const all = emptyLeaf().accepted;
  for (const { accepted } of leaves.values()) for (const [partition, offset] of accepted) all.set(partition, Math.max(offset, all.get(partition) ?? -1));
  return all;
}
