import type { RuleValues, SegmentRule } from './find-transitions.ts';

/** A feature whose value time alone can change. */
export interface Varying {
  /** Undefined = missing. */
  valueAt(nowMs: number): unknown;
  /** When the value next changes, later than `nowMs`; undefined = never. */
  nextChangeMs(nowMs: number): number | undefined;
  /** When the value next lies on another side of the bound, later than `nowMs`; undefined = never. Absent where the kind does not know: its changes are walked. */
  readonly nextSideMs?: ((nowMs: number, bound: number) => number | undefined) | undefined;
}

/** A profile that nothing happens to from `nowMs` on. */
export interface Standstill {
  readonly segments: readonly SegmentRule[];
  /** The names of those that hold at `nowMs`. */
  readonly holding: readonly string[];
  readonly nowMs: number;
  readonly traits: Readonly<Record<string, unknown>>;
  /** Values that time does not change. */
  readonly constant: Readonly<Record<string, unknown>>;
  readonly varying: ReadonlyMap<string, Varying>;
}

/** Breakpoints of a segment that are looked at in one go. */
export const BREAKPOINTS_MAX = 96;
/** A segment is looked at again after so long, in ms, where a kind names a next moment that is not later: no fault of a kind may make a profile due without end. */
export const ASTRAY_MS = 3_600_000;

/**
 * The next moment after `nowMs` at which time alone makes a segment hold or cease to, exactly. A segment is asked only where a number in it comes to another
 * side of its bound; where it reads what varies in another way, at each change of that, and after BREAKPOINTS_MAX of them the last one looked at is answered,
 * to look again from there. Undefined when nothing changes any more.
 */
export function nextCrossing(still: Standstill): number | undefined {
  let first: number | undefined;
  for (const segment of still.segments) {
    const atMs = crossingOf(segment, still, first);
    if (atMs !== undefined && (first === undefined || atMs < first)) first = atMs;
  }
  return first;
}

/** Where a segment has to be asked again: where a value comes to another side of the bound, or at its every change. */
interface Breakpoint {
  readonly of: Varying;
  /** Undefined = every change. */
  readonly bound: number | undefined;
  nextMs: number | undefined;
}

/** Of one segment; moments from `beforeMs` on do not matter. */
function crossingOf({ name, rule }: SegmentRule, still: Standstill, beforeMs: number | undefined): number | undefined {
  const { varying, traits } = still;
  const reads = varyingReads(rule, varying);
  if (reads === 0 || isDecided(rule, reads, still)) return undefined;
  const walk = breakpointsOf(rule, still);
  const holds = still.holding.includes(name);
  for (let looked = 1; ; looked++) {
    const atMs = earliest(walk);
    if (atMs === undefined || (beforeMs !== undefined && atMs >= beforeMs)) return undefined;
    const features: Record<string, unknown> = { ...still.constant };
    for (const feature of rule.reads.features) if (varying.has(feature)) features[feature] = varying.get(feature)?.valueAt(atMs);
    if ((rule.evaluate({ features, traits }).kind === 'holds') !== holds || looked === BREAKPOINTS_MAX) return atMs;
    for (const step of walk) if (step.nextMs === atMs) step.nextMs = after(step, atMs);
  }
}

function varyingReads({ reads }: SegmentRule['rule'], varying: Standstill['varying']): number {
  let found = 0;
  for (const feature of reads.features) if (varying.has(feature)) found++;
  return found;
}

/**
 * Whether a rule answers without any of the values that vary: then no value of theirs can change its answer, since an unknown that is absorbed is absorbed
 * whatever it stands for.
 */
function isDecided({ reads, evaluate }: SegmentRule['rule'], varyingReads: number, { constant, traits }: Standstill): boolean {
  // A rule of nothing else cannot answer.
  if (reads.traits.length === 0 && varyingReads === reads.features.length) return false;
  return evaluate({ features: constant, traits }).kind !== 'unknown';
}

function breakpointsOf({ moves }: SegmentRule['rule'], { constant, traits, varying, nowMs }: Standstill): Breakpoint[] {
  const walk: Breakpoint[] = [];
  const values: RuleValues = { features: constant, traits };
  let stepped: Set<string> | undefined;
  for (const { feature, bound, boundReads } of moves.atoms) {
    const number = varying.get(feature);
    if (number?.nextSideMs && !boundReads.some((name) => varying.has(name))) {
      const against = bound(values);
      if (against !== undefined) walk.push(firstOf(number, against, nowMs));
    } else {
      if (number) stepped = (stepped ?? new Set(moves.others)).add(feature);
      for (const name of boundReads) if (varying.has(name)) stepped = (stepped ?? new Set(moves.others)).add(name);
    }
  }
  for (const name of stepped ?? moves.others) {
    const feature = varying.get(name);
    if (feature) walk.push(firstOf(feature, undefined, nowMs));
  }
  return walk;
}

function firstOf(of: Varying, bound: number | undefined, nowMs: number): Breakpoint {
  const breakpoint: Breakpoint = { of, bound, nextMs: undefined };
  breakpoint.nextMs = after(breakpoint, nowMs);
  return breakpoint;
}

function after({ of, bound }: Breakpoint, nowMs: number): number | undefined {
  const named = bound === undefined ? of.nextChangeMs(nowMs) : of.nextSideMs?.(nowMs, bound);
  return named === undefined || named > nowMs ? named : nowMs + ASTRAY_MS;
}

function earliest(walk: readonly Breakpoint[]): number | undefined {
  let first: number | undefined;
  for (const { nextMs } of walk) if (nextMs !== undefined && (first === undefined || nextMs < first)) first = nextMs;
  return first;
}
