import { type Crossing, findTransitions, segmentsThatHold } from './find-transitions.ts';
import { nextCrossing, type Varying } from './next-crossing.ts';
import { needPersonal, type Profile, stateOf, traitOf } from './profile.ts';
import type { ActiveFeature, ProfileRules } from './profile-rules.ts';
import { type Inputs, type NamedReading, readInput, readInputs, valueIn } from './read-profile.ts';

/** A segment entered or left. */
export interface Transition extends Crossing {
  readonly atMs: number;
  /** True when time alone did it. */
  readonly byTime: boolean;
  /** What its rule read that is not personal. */
  readonly reasons: readonly NamedReading[];
  /** All that could be read at that moment; undefined where no campaign starts from it, since nobody asks then. */
  readonly inputs: Inputs | undefined;
}

/** Looks at the segments at a moment: notes which hold and when to look again, and answers what was entered and left, by name. Edits `profile`. */
export function watchSegments(profile: Profile, rules: ProfileRules, moment: { readonly atMs: number; readonly byTime: boolean }): readonly Transition[] {
  const { atMs } = moment;
  const { features, traits, constant, varying } = standstillOf(profile, rules, atMs);
  const holding = segmentsThatHold(rules.segments, { features, traits });
  const crossings = findTransitions(rules.segments, profile.segments, holding);
  profile.segments = holding;
  profile.dueAtMs = varying.size === 0 ? undefined : nextCrossing({ segments: rules.segments, holding, nowMs: atMs, traits, constant, varying });
  if (crossings.length === 0) return [];
  const inputs = crossings.some((crossing) => isStart(crossing, rules)) ? readInputs(profile, rules, atMs) : undefined;
  return crossings.map((crossing) => {
    const reasons = (rules.reasonsOf.get(crossing.segment.name) ?? []).map((input) => readInput(profile, input, atMs));
    return { ...crossing, ...moment, reasons, inputs: isStart(crossing, rules) ? inputs : undefined };
  });
}

const isStart = ({ segment, entered }: Crossing, { starting }: ProfileRules): boolean => (entered ? starting.enters : starting.leaves).has(segment.name);

/** The features and traits that rules read at a moment, and of the features which values stand still and which time moves. */
export function standstillOf(profile: Profile, { ruledFeatures, ruledTraits, rulesReadPersonal }: ProfileRules, nowMs: number) {
  if (rulesReadPersonal) needPersonal(profile);
  const features: Record<string, unknown> = {};
  const constant: Record<string, unknown> = {};
  const varying = new Map<string, Varying>();
  for (const feature of ruledFeatures) {
    const { state } = stateOf(profile, feature);
    const { kind, declaration } = feature;
    const value = valueIn(kind.read(state, nowMs, declaration));
    features[declaration.name] = value;
    if (kind.nextChangeMs?.(state, nowMs, declaration) === undefined) constant[declaration.name] = value;
    else varying.set(declaration.name, kind.nextSideMs ? new Sided(feature, state) : new Moving(feature, state));
  }
  const traits: Record<string, unknown> = {};
  for (const name of ruledTraits) traits[name] = traitOf(profile, name)?.value;
  return { features, traits, constant, varying };
}

/** A feature that time moves, with its state. */
class Moving implements Varying {
  protected readonly feature: ActiveFeature;
  protected readonly state: unknown;

  constructor(feature: ActiveFeature, state: unknown) {
    this.feature = feature;
    this.state = state;
  }

  valueAt(nowMs: number): unknown {
    const { kind, declaration } = this.feature;
    return valueIn(kind.read(this.state, nowMs, declaration));
  }

  nextChangeMs(nowMs: number): number | undefined {
    const { kind, declaration } = this.feature;
    return kind.nextChangeMs?.(this.state, nowMs, declaration);
  }
}

/** One that is a number and knows when it comes to another side of a bound. */
class Sided extends Moving {
  nextSideMs(nowMs: number, bound: number): number | undefined {
    const { kind, declaration } = this.feature;
    return kind.nextSideMs?.(this.state, nowMs, bound, declaration);
  }
}
