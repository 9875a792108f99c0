import type { Fact, Subject } from '@attune/contracts/messages/common/v1/common';
import type { ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import type { EventLog, Position } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { Leaf, Profile } from './domain/profile.ts';

/** Everything that the live profile needs of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const STATE_STORE = port<StateStore>('StateStore');
export const CLOCK = port<Clock>('Clock');
export const STOPWATCH = port<Stopwatch>('Stopwatch');

/** Where the profile of a visitor went who became known. */
export interface MovedProfile {
  readonly to: string;
  /** By partition of attune.accepted.v1, the last offset that it had folded. */
  readonly accepted: ReadonlyMap<number, number>;
}

/** A profile whose person was erased: nothing of it is left but when. */
export interface ErasedProfile {
  /** In ms since 1970. */
  readonly atMs: number;
}

/** What the profiles processor keeps under a key: of a customer the profile, where it went, or that it was erased; of the partition the active configuration. Nothing before the first record. */
export interface ProfilesState {
  profile?: Profile;
  moved?: MovedProfile;
  erased?: ErasedProfile;
  active?: { readonly version: string; readonly document: string };
}

/** Folds in bytes, in clear. */
export interface PackedFolds {
  readonly open: Uint8Array;
  readonly personal: Uint8Array | undefined;
}

/** States in bytes and back: equal states have equal bytes. What is personal is sealed under the customer's key. */
export interface ProfileCodec {
  /** Undefined for a state of nothing. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
  encode(state: ProfilesState): Uint8Array | undefined;
  /**
   * The personal parts stay closed until `open`. A feature's state is read when it is first asked for; the profile holds the bytes until then, which nobody may change.
   * @throws AttuneError STATE_UNREADABLE for bytes of another shape: a changed shape means a replay, never a guess
   */
  decode(bytes: Uint8Array): ProfilesState;
  /** The folds of an open profile, in bytes: what is not personal, and what is; the latter undefined where there is none. */
  pack(leaves: ReadonlyMap<string, Leaf>): PackedFolds;
  /** What `pack` made. @throws AttuneError STATE_UNREADABLE for bytes of another shape */
  unpack(packed: PackedFolds): ReadonlyMap<string, Leaf>;
  /** Marks the profile as erased where the key was destroyed. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
  check(profile: Profile): void;
  /** Opens the personal parts in place, or marks the profile as erased where the key was destroyed. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
  open(profile: Profile): void;
}

/** Finds the profile of a subject. @throws AttuneError SUBJECT_UNKNOWN, REQUEST_INVALID */
export type ResolveSubject = (tenant: string, subject: Subject) => Promise<ResolveResponse>;

/** The same of many subjects in one call, in their order; without a profile id for somebody unknown. @throws AttuneError STORE_UNAVAILABLE */
export type ResolveSubjects = (tenant: string, subjects: readonly Subject[]) => Promise<readonly ResolveResponse[]>;

/** What a customer said of purposes, as the door takes it: of a subject by user_id or anonymous_id, or of a leaf. */
export interface SaidConsent {
  readonly subject?: Subject;
  /** The keyed hash of an identifier, for a profile whose identifiers nobody here knows. */
  readonly leaf?: string;
  /** The profile that the leaf is one of. */
  readonly profileId?: string;
  /** By purpose: true = granted, false = denied. */
  readonly purposes: Readonly<Record<string, boolean>>;
  /** A repeat of it changes nothing. */
  readonly messageId: string;
  /** What the customer did by saying so; it stands in the log with the word, both or neither. Of a leaf only. */
  readonly fact?: Fact | undefined;
}

/** Appends a fact of Attune's own to attune.accepted.v1, under the keyed hash of an identifier, and answers where it lies. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE */
export type AcceptFact = (tenant: string, given: { readonly leaf: string; readonly profileId: string; readonly fact: Fact }) => Promise<Position>;

/** Appends the erasure of a profile to attune.accepted.v1 under each of its leaves, and answers where the last record lies. @throws AttuneError REQUEST_INVALID, LOG_UNAVAILABLE */
export type AcceptErasure = (
  tenant: string,
  given: { readonly profileId: string; readonly leaves: readonly string[]; readonly messageId: string },
) => Promise<Position>;

/** Appends what is right of a customer to attune.accepted.v1, as an identify call of Attune's own, and answers where it lies. @throws AttuneError REQUEST_INVALID for what the declared traits refuse, LOG_UNAVAILABLE */
export type AcceptTraits = (
  tenant: string,
  given: { readonly leaf: string; readonly profileId: string; readonly traits: Readonly<Record<string, unknown>>; readonly messageId: string },
) => Promise<Position>;

/** Appends consent to attune.accepted.v1 and answers where it lies. @throws AttuneError LOG_UNAVAILABLE, IDENTIFIER_INVALID */
export type AcceptConsent = (tenant: string, consent: SaidConsent) => Promise<Position>;

/** How the values of a column are written: `time` in ms since 1970, `json` a list or values by name. */
export type CellType = 'text' | 'number' | 'truth' | 'time' | 'whole' | 'json';

/** A column of a dataset. */
export interface DatasetColumn {
  readonly name: string;
  readonly type: CellType;
}

/** A value of a row; null where there is none. */
export type Cell = string | number | boolean | null;

/** Writes rows into one file and answers its SHA-256, in hex, and its size. The same rows make the same bytes. */
export type WriteRows = (
  path: string,
  columns: readonly DatasetColumn[],
  rows: readonly (readonly Cell[])[],
) => Promise<{ readonly sha256: string; readonly bytes: number }>;
