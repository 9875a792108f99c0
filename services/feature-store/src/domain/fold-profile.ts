/** What is kept of one customer so far: how many events, and how many of each name. */
export interface Profile {
  /** Minted from the position of the first record, so that a replay mints the same. */
  profileId: string;
  events: number;
  /** By event name, at most `NAMES_MAX`; what comes beyond counts under `OTHER_NAMES`. */
  readonly counts: Map<string, number>;
  /** When the newest event happened, in ms since 1970. */
  newestMs: number;
}

/** An event as a profile sees it. */
export interface ProfileEvent {
  /** Track calls: the event's name; others: the kind of call. */
  readonly name: string;
  readonly timestampMs: number;
  /** `topic/partition/offset` of the record. */
  readonly position: string;
}

export const NAMES_MAX = 200;
export const OTHER_NAMES = '(other)';

export const emptyProfile = (): Profile => ({ profileId: '', events: 0, counts: new Map(), newestMs: 0 });

/** Folds one event into the profile, in place; `mint` makes a profile id of a position. Order of arrival does not matter but for the id. */
export function foldProfile(profile: Profile, event: ProfileEvent, mint: (position: string) => string): void {
  if (profile.profileId === '') profile.profileId = mint(event.position);
  profile.events++;
  const name = profile.counts.has(event.name) || profile.counts.size < NAMES_MAX ? event.name : OTHER_NAMES;
  profile.counts.set(name, (profile.counts.get(name) ?? 0) + 1);
  profile.newestMs = Math.max(profile.newestMs, event.timestampMs);
}
