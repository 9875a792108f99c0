import { consentOf } from './consent.ts';
import { type FeatureReading, type FeatureValue, isItems } from './features/feature-kind.ts';
import type { RuleValues } from './find-transitions.ts';
import { needPersonal, type Profile, stateOf, traitOf } from './profile.ts';
import { type ActiveFeature, type ActiveTrait, type DecisionInput, type ProfileRules, TRAIT_PREFIX } from './profile-rules.ts';

/** One value of a profile, whatever may be done with it. */
export interface NamedReading {
  /** Traits as `traits.<name>`. */
  readonly name: string;
  /** Undefined = nothing of the kind has happened or been told yet. */
  readonly value: FeatureValue | undefined;
  /** When the newest event in it happened; 0 where there is none. */
  readonly eventTimeMs: number;
  readonly personal: boolean;
  readonly sensitive: boolean;
  readonly purposes: readonly string[];
}

/** All that a decision may read of a profile at one moment. */
export interface Inputs {
  /** Sorted by name; see ProfileRules.inputs. */
  readonly values: readonly NamedReading[];
  readonly segments: readonly string[];
  readonly consent: Readonly<Record<string, boolean>>;
}

/** One declared feature at `nowMs`. */
export function readFeature(profile: Profile, feature: ActiveFeature, nowMs: number): NamedReading {
  const { declaration, kind, personal } = feature;
  const { state, newestMs } = stateOf(profile, feature);
  const value = valueIn(kind.read(state, nowMs, declaration));
  return { name: declaration.name, value, eventTimeMs: newestMs, personal, sensitive: false, purposes: declaration.purposes };
}

/** Every declared feature at `nowMs`, sorted by name. */
export const readFeatures = (profile: Profile, { features }: ProfileRules, nowMs: number): readonly NamedReading[] =>
  features.map((feature) => readFeature(profile, feature, nowMs));

/** One declared trait. */
export function readTrait(profile: Profile, name: string, { personal, sensitive, purposes }: ActiveTrait): NamedReading {
  const trait = traitOf(profile, name);
  return { name: `${TRAIT_PREFIX}${name}`, value: trait?.value, eventTimeMs: trait?.timestampMs ?? 0, personal, sensitive, purposes };
}

/** Every declared trait, sorted by name. */
export const readTraits = (profile: Profile, { traits }: ProfileRules): readonly NamedReading[] =>
  [...traits].map(([name, trait]) => readTrait(profile, name, trait));

/** What a decision that is taken at `nowMs` may read; `profile.segments` must be those of that moment. */
export function readInputs(profile: Profile, rules: ProfileRules, nowMs: number): Inputs {
  needPersonal(profile);
  const values = rules.inputs.map((input) => readInput(profile, input, nowMs));
  return { values, segments: profile.segments, consent: consentOf(profile, rules) };
}

/** One value that a decision may read. */
export function readInput(profile: Profile, input: DecisionInput, nowMs: number): NamedReading {
  return input.feature === undefined ? readTrait(profile, input.name.slice(TRAIT_PREFIX.length), input.trait) : readFeature(profile, input.feature, nowMs);
}

/** The same values as rules read them. */
export function ruleValues(readings: Iterable<NamedReading>): RuleValues {
  const features: Record<string, FeatureValue> = {};
  const traits: Record<string, FeatureValue> = {};
  for (const { name, value } of readings) {
    if (value === undefined || isItems(value)) continue;
    if (name.startsWith(TRAIT_PREFIX)) traits[name.slice(TRAIT_PREFIX.length)] = value;
    else features[name] = value;
  }
  return { features, traits };
}

/** The value of a reading, undefined where it is missing. */
export const valueIn = (reading: FeatureReading): FeatureValue | undefined => (reading.status === 'present' ? reading.value : undefined);
