import type { SegmentRule } from './find-transitions.ts';
import type { ActiveFeature, ProfileRules } from './profile-rules.ts';

/** How the changes of a segment by time alone are found. Each is found at its moment; what differs is the cost. */
export interface SegmentTiming {
  readonly segment: string;
  /** Features whose crossing of their bound is computed: the segment is looked at once a crossing. Sorted. */
  readonly computed: readonly string[];
  /** Features of which each change is walked: the segment is looked at once a change. Sorted. With no feature in either list, events alone change the segment. */
  readonly walked: readonly string[];
}

/** For every segment, in the order of the rules. */
export function segmentTimings({ segments, features }: Pick<ProfileRules, 'segments' | 'features'>): readonly SegmentTiming[] {
  const moving = new Map(features.filter(isMoving).map((feature) => [feature.declaration.name, feature]));
  return segments.map((segment) => timingOf(segment, moving));
}

/** As nextCrossing takes a rule apart. */
function timingOf({ name, rule: { moves } }: SegmentRule, moving: ReadonlyMap<string, ActiveFeature>): SegmentTiming {
  const [computed, walked] = [new Set<string>(), new Set(moves.others)];
  for (const { feature, boundReads } of moves.atoms) {
    const isComputed = moving.get(feature)?.kind.nextSideMs !== undefined && !boundReads.some((read) => moving.has(read));
    for (const read of isComputed ? [feature] : [feature, ...boundReads]) (isComputed ? computed : walked).add(read);
  }
  const found = (names: ReadonlySet<string>): readonly string[] => [...names].filter((read) => moving.has(read)).toSorted();
  return { segment: name, computed: found(computed), walked: found(walked) };
}

/** Whether time can change the value: a kind that can have a window is moved by that alone. */
const isMoving = ({ kind, declaration }: ActiveFeature): boolean =>
  kind.nextChangeMs !== undefined && (declaration.windowMs !== undefined || !Object.hasOwn(kind.spec.options, 'window'));
