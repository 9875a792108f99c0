import { adoptRules } from './adopt-rules.ts';
import type { SegmentRule } from './find-transitions.ts';
import type { Profile } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';
import { type Definitions, redefined } from './segment-definitions.ts';
import { type Transition, watchSegments } from './watch-segments.ts';

/** What puts a profile under other rules. */
export interface Redefining {
  /** The definitions that it was last looked at under; undefined where they are not known any more. */
  readonly before: Definitions | undefined;
  readonly untilMs: number;
  /** Settles what fell due up to `untilMs`, under the rules given. */
  readonly settle: (rules: ProfileRules) => readonly Transition[];
}

/**
 * Puts a profile under other rules, in place, before anything else happens to it. Segments whose definition is the same go on as they were, by time too; what
 * changes in the others, at `untilMs`, changes by their definition, and a segment that is declared no more is left by it.
 */
export function redefineSegments(profile: Profile, rules: ProfileRules, { before, untilMs, settle }: Redefining): readonly Transition[] {
  const others = redefined(rules.definitions, before);
  const held = profile.segments.filter((name) => others.has(name) || !Object.hasOwn(rules.definitions, name));
  adoptRules(profile, rules);
  profile.segments = profile.segments.filter((name) => !held.includes(name));
  const settled = settle({ ...rules, segments: rules.segments.filter(({ name }) => !others.has(name)) });
  profile.segments = [...profile.segments, ...held].toSorted();
  const left = held.filter((name) => !Object.hasOwn(rules.definitions, name)).map((name) => leftBehind(name, untilMs));
  const found = watchSegments(profile, rules, { atMs: untilMs, byTime: false });
  return [...settled, ...left, ...found.map((transition) => (others.has(transition.segment.name) ? { ...transition, byDefinition: true } : transition))];
}

function leftBehind(name: string, atMs: number): Transition {
  const rule: SegmentRule['rule'] = { reads: { features: [], traits: [] }, evaluate: () => ({ kind: 'fails' }), moves: { atoms: [], others: [] } };
  return { segment: { name, rule }, entered: false, atMs, byTime: false, byDefinition: true, reasons: [], inputs: undefined };
}
