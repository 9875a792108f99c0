import { adoptRules } from './adopt-rules.ts';
import { applyEvent } from './apply-event.ts';
import { hearConsent } from './consent.ts';
import type { FeatureEvent } from './features/feature-kind.ts';
import { installFolds, isInstalled, type MovedFolds } from './move-folds.ts';
import { leafOf, type Profile } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';
import { redefineSegments } from './redefine-segments.ts';
import type { DefinitionsIn } from './segment-definitions.ts';
import { type Transition, watchSegments } from './watch-segments.ts';

/** What a record says. `track` events step features, `identify` events set traits, others count only. `away`: a visitor became known, and the folds go. `moved`: they came. `nothing`: a repeat that the resolver dropped. */
export type Happening =
  | { readonly kind: 'event'; readonly call: 'track' | 'identify' | 'other'; readonly receivedAtMs: number; readonly event: FeatureEvent }
  | { readonly kind: 'consent'; readonly receivedAtMs: number; readonly purposes: Readonly<Record<string, boolean>> }
  | { readonly kind: 'due'; readonly dueAtMs: number }
  | { readonly kind: 'away'; readonly receivedAtMs: number }
  | { readonly kind: 'moved'; readonly folds: MovedFolds }
  | { readonly kind: 'nothing' };

/** A record of a profile. */
export interface ProfileRecord {
  readonly leaf: string;
  readonly acceptedPartition: number;
  /** Offset in attune.accepted.v1; -1 where there is none. */
  readonly acceptedOffset: number;
  readonly happening: Happening;
}

/** What a fold found. */
export interface Folded {
  /** False for a repeat: then nothing changed. */
  readonly fresh: boolean;
  /** True for an event that came later than allowed. */
  readonly late: boolean;
  /** In order of time: what time alone did first, then what the record did. */
  readonly transitions: readonly Transition[];
}

/** So many moments at which time alone did something are looked at before a record; a longer absence is looked at once, at the record. */
export const SETTLED_MAX = 256;

/**
 * Folds one record into the profile, in place. What fell due before the record is settled first, at its exact moment.
 * Under another configuration than before, features that are new or declared otherwise start empty: what they would have been is not guessed. What that
 * and other definitions of segments change is told apart from what the record changes. `definitionsIn`: those of an earlier version; undefined where nobody knows them any more.
 */
export function foldProfile(profile: Profile, record: ProfileRecord, rules: ProfileRules, definitionsIn: DefinitionsIn = () => undefined): Folded {
  const { happening } = record;
  if (isRepeat(profile, record)) return { fresh: false, late: false, transitions: [] };
  const logTimeMs = Math.max(profile.logTimeMs, momentOf(happening));
  const isNew = profile.version === '' && rules.version !== '';
  const transitions: Transition[] = [];
  if (isNew) adoptRules(profile, rules);
  else if (profile.version === rules.version) settle(profile, rules, { untilMs: logTimeMs, transitions });
  else
    transitions.push(...redefineSegments(profile, rules, { before: definitionsIn(profile.version), untilMs: logTimeMs, settle: settled(profile, logTimeMs) }));
  profile.logTimeMs = logTimeMs;
  const late = happening.kind === 'event' && happening.receivedAtMs - happening.event.timestampMs > rules.lateAllowedMs;
  const touched = apply(profile, record, { rules, late });
  if (touched || isNew || isDue(profile, logTimeMs)) transitions.push(...watchSegments(profile, rules, { atMs: logTimeMs, byTime: false }));
  return { fresh: true, late, transitions };
}

/** Folds that moved are known by their link: they are older than the records that came straight here, or are not. */
function isRepeat(profile: Profile, record: ProfileRecord): boolean {
  if (record.happening.kind === 'moved') return isInstalled(profile, record.happening.folds);
  return record.happening.kind !== 'due' && repeated(profile, record);
}

/** Notes the accepted offset; true when it was folded before. */
function repeated(profile: Profile, { leaf: id, acceptedPartition, acceptedOffset }: ProfileRecord): boolean {
  if (acceptedOffset < 0) return false;
  const { accepted } = leafOf(profile, id);
  if (acceptedOffset <= (accepted.get(acceptedPartition) ?? -1)) return true;
  accepted.set(acceptedPartition, acceptedOffset);
  return false;
}

function momentOf(happening: Happening): number {
  if (happening.kind === 'nothing') return 0;
  if (happening.kind === 'moved') return happening.folds.logTimeMs;
  return happening.kind === 'due' ? happening.dueAtMs : happening.receivedAtMs;
}

const isDue = ({ dueAtMs }: Profile, nowMs: number): boolean => dueAtMs !== undefined && dueAtMs <= nowMs;

function settle(profile: Profile, rules: ProfileRules, { untilMs, transitions }: { untilMs: number; transitions: Transition[] }): void {
  for (let settled = 0; settled < SETTLED_MAX && isDue(profile, untilMs); settled++) {
    transitions.push(...watchSegments(profile, rules, { atMs: profile.dueAtMs ?? untilMs, byTime: true }));
  }
}

const settled =
  (profile: Profile, untilMs: number) =>
  (rules: ProfileRules): readonly Transition[] => {
    const transitions: Transition[] = [];
    settle(profile, rules, { untilMs, transitions });
    return transitions;
  };

interface Applying {
  readonly rules: ProfileRules;
  readonly late: boolean;
}

/** True when something changed that a segment reads. */
function apply(profile: Profile, { leaf: id, happening }: ProfileRecord, { rules, late }: Applying): boolean {
  if (happening.kind === 'moved') {
    installFolds(profile, happening.folds, rules);
    return true;
  }
  if (happening.kind === 'consent') hearConsent(leafOf(profile, id), happening);
  if (happening.kind !== 'event') return false;
  const { event, call } = happening;
  return applyEvent(profile, leafOf(profile, id), { event, call, late, rules });
}
