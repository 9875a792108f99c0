import type { FeatureKind, PlainValue } from './features/feature-kind.ts';
import type { ActiveFeature } from './profile-rules.ts';

/** The state of one feature. */
export interface FeatureCell {
  readonly kind: FeatureKind<unknown>;
  /** Of the declaration that it was folded under: see ActiveFeature. */
  readonly signature: number;
  readonly personal: boolean;
  state: unknown;
  /** When the newest event that it folded happened, in ms since 1970; 0 before the first. */
  newestMs: number;
  /** Where the feature lies in bytes, from `from` to `to` of them: those that the whole profile was read from. Undefined once it changed. */
  bytes: Uint8Array | undefined;
  from: number;
  to: number;
}

/** What the application last told of a customer. The last writer by event time wins, among equals the greater messageId. */
export interface Trait {
  readonly value: PlainValue;
  readonly timestampMs: number;
  readonly messageId: string;
  readonly personal: boolean;
}

/** What was last said of a purpose. */
export interface Said {
  readonly granted: boolean;
  readonly receivedAtMs: number;
}

/** Bytes that only the customer's key opens. */
export interface Envelope {
  readonly keyId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What one identifier of the customer did and said. */
export interface Leaf {
  readonly features: Map<string, FeatureCell>;
  readonly traits: Map<string, Trait>;
  readonly consent: Map<string, Said>;
  /** By partition of attune.accepted.v1, the last offset folded. */
  readonly accepted: Map<number, number>;
}

/** A visitor's profile that became part of another; `linkId`: the place of the link in attune.accepted.v1. */
export interface MergedProfile {
  readonly linkId: string;
  readonly profileId: string;
}

/** The fold of everything that one customer did. Bounded in bytes whatever the number of records. */
export interface Profile {
  tenant: string;
  profileId: string;
  /** By leaf id, at most LEAVES_MAX. */
  readonly leaves: Map<string, Leaf>;
  /** Profiles whose folds are among the leaves, in the order in which they came; the resolver links at most 255. */
  merged: readonly MergedProfile[];
  /** The segments that held at log time, sorted. */
  segments: readonly string[];
  /** The largest `receivedAtMs` or due time folded. */
  logTimeMs: number;
  /** Events folded, late ones not among them. */
  events: number;
  /** Events that came later than allowed: counted, and folded into no feature. */
  late: number;
  /** When the newest event happened; 0 before the first. */
  newestMs: number;
  /** Version of the configuration that it was last folded under; empty before any. */
  version: string;
  /** When time alone may change a segment. */
  dueAtMs: number | undefined;
  /** The personal parts: `open` in memory, `closed` while still sealed in `envelope`, or `erased`. */
  personal: 'open' | 'closed' | 'erased';
  /** The personal parts as last sealed; undefined when there are none or they changed since. */
  envelope: Envelope | undefined;
  /** Opens the personal parts in place, with a key that is held; undefined where they never were sealed. */
  readonly unseal?: (() => void) | undefined;
}

/** Leaves that are kept apart; what comes under further ones is folded into the last, so nothing is lost but the way back. */
export const LEAVES_MAX = 8;

/** A profile before its first record. */
export const emptyProfile = (): Profile => ({
  tenant: '',
  profileId: '',
  leaves: new Map(),
  merged: [],
  segments: [],
  logTimeMs: 0,
  events: 0,
  late: 0,
  newestMs: 0,
  version: '',
  dueAtMs: undefined,
  personal: 'open',
  envelope: undefined,
});

/** Has the personal parts opened where they are still sealed: before any of them is read or written. */
export function needPersonal(profile: Profile): void {
  if (profile.personal === 'closed') profile.unseal?.();
}

/** A leaf before its first record. */
export const emptyLeaf = (): Leaf => ({ features: new Map(), traits: new Map(), consent: new Map(), accepted: new Map() });

/** The leaf of that id, made where absent; the one of the greatest id when there are too many. */
export function leafOf(profile: Profile, id: string): Leaf {
  const known = profile.leaves.get(id);
  if (known) return known;
  if (profile.leaves.size >= LEAVES_MAX) {
    const last = [...profile.leaves.keys()].toSorted().at(-1);
    return profile.leaves.get(last ?? id) ?? emptyLeaf();
  }
  const made = emptyLeaf();
  profile.leaves.set(id, made);
  return made;
}

/** A feature's state and the newest moment in it, over all leaves. Empty where nothing was folded, or only under another declaration. */
export function stateOf(profile: Profile, { declaration, kind, signature }: ActiveFeature): Pick<FeatureCell, 'state' | 'newestMs'> {
  let found: Pick<FeatureCell, 'state' | 'newestMs'> | undefined;
  for (const leaf of profile.leaves.values()) {
    const cell = leaf.features.get(declaration.name);
    if (cell?.signature !== signature) continue;
    found = found ? { state: kind.merge(found.state, cell.state, declaration), newestMs: Math.max(found.newestMs, cell.newestMs) } : cell;
  }
  return found ?? { state: kind.init(), newestMs: 0 };
}

/** The trait of that name over all leaves. */
export function traitOf(profile: Profile, name: string): Trait | undefined {
  let found: Trait | undefined;
  for (const leaf of profile.leaves.values()) found = laterTrait(found, leaf.traits.get(name));
  return found;
}

/** The later of two writings of a trait. */
export function laterTrait(a: Trait | undefined, b: Trait | undefined): Trait | undefined {
  if (!a || !b) return a ?? b;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs ? a : b;
  if (a.messageId !== b.messageId) return a.messageId > b.messageId ? a : b;
  return JSON.stringify(a.value) >= JSON.stringify(b.value) ? a : b;
}

/** True for a trait that is sealed: what is sensitive is treated like what is personal. */
export const isPersonal = ({ personal, sensitive }: { readonly personal: boolean; readonly sensitive: boolean }): boolean => personal || sensitive;
