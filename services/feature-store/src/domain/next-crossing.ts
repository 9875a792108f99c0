import type { SegmentRule } from './find-transitions.ts';

/** A feature whose value time alone can change. */
export interface Varying {
  /** Undefined = missing. */
  valueAt(nowMs: number): unknown;
  /** When the value next changes, later than `nowMs`; undefined = never. */
  nextChangeMs(nowMs: number): number | undefined;
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

/** Breakpoints that are looked at in one go. */
export const BREAKPOINTS_MAX = 96;

/**
 * The next moment after `nowMs` at which time alone makes a segment hold or cease to, exactly: between two breakpoints no value changes.
 * After BREAKPOINTS_MAX without a change the last one looked at, to look again from there; undefined when none is left.
 */
export function nextCrossing(still: Standstill): number | undefined {
  const open = undecided(still);
  const walk = new Map<string, { readonly feature: Varying; nextMs: number | undefined }>();
  const features: Record<string, unknown> = { ...still.constant };
  for (const name of new Set(open.flatMap(({ rule }) => rule.reads.features))) {
    const feature = still.varying.get(name);
    if (!feature) continue;
    features[name] = feature.valueAt(still.nowMs);
    walk.set(name, { feature, nextMs: feature.nextChangeMs(still.nowMs) });
  }
  const values = { features, traits: still.traits };
  let atMs: number | undefined;
  for (let looked = 0; looked < BREAKPOINTS_MAX; looked++) {
    atMs = earliest(walk.values());
    if (atMs === undefined) return undefined;
    const changed = new Set<string>();
    for (const [name, step] of walk) {
      if (step.nextMs !== atMs) continue;
      features[name] = step.feature.valueAt(atMs);
      step.nextMs = step.feature.nextChangeMs(atMs);
      changed.add(name);
    }
    for (const { name, rule } of open) {
      if (!rule.reads.features.some((read) => changed.has(read))) continue;
      if ((rule.evaluate(values).kind === 'holds') !== still.holding.includes(name)) return atMs;
    }
  }
  return atMs;
}

/**
 * The segments whose truth may hang on a value that varies. Where a rule answers without any of these values, no value of theirs can
 * change its answer (an unknown that is absorbed is absorbed whatever it stands for), and there is nothing to walk.
 */
function undecided({ segments, constant, traits, varying }: Standstill): readonly SegmentRule[] {
  const without = { features: constant, traits };
  return segments.filter(({ rule }) => {
    const { features: read, traits: told } = rule.reads;
    if (!read.some((name) => varying.has(name))) return false;
    // A rule of nothing else cannot answer: not asking saves its complaint, which costs more than an answer.
    return (told.length === 0 && read.every((name) => varying.has(name))) || rule.evaluate(without).kind === 'unknown';
  });
}

function earliest(steps: Iterable<{ readonly nextMs: number | undefined }>): number | undefined {
  let first: number | undefined;
  for (const { nextMs } of steps) if (nextMs !== undefined && (first === undefined || nextMs < first)) first = nextMs;
  return first;
}
