import type { ValuesByName } from '../domain/features/feature-kind.ts';
import { isPersonal, type Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import { type NamedReading, readFeature, readTrait } from '../domain/read-profile.ts';

/** How one declared value is read. */
export interface ValueReader {
  readonly purposes: readonly string[];
  /** A value whose newest event is older is stale; absent = never. */
  readonly maxAgeMs?: number;
  /** At `nowMs`, from a profile that was folded under these rules or others. */
  read(profile: Profile, nowMs: number): NamedReading;
  /** Whether the value may lie among the personal parts of this profile. */
  sealedIn(profile: Profile): boolean;
  /** True where it never does, whatever the profile. */
  readonly isOpen: boolean;
}

const arranged = new WeakMap<ProfileRules, ReadonlyMap<string, ValueReader>>();

/** Features by name, traits as `traits.<name>`; arranged once for the same rules. */
export function valueReaders(rules: ProfileRules): ReadonlyMap<string, ValueReader> {
  const known = arranged.get(rules);
  if (known) return known;
  const readers = new Map([...featureReaders(rules), ...traitReaders(rules)]);
  arranged.set(rules, readers);
  return readers;
}

/** The reader of a feature or trait, or of one value of a feature that has them by name, as in `spend_by.Mugs`; undefined for what is not declared. */
export function readerOf(rules: ProfileRules, name: string): ValueReader | undefined {
  const known = valueReaders(rules).get(name);
  if (known) return known;
  const dot = name.indexOf('.');
  const feature = rules.features.find(({ declaration }) => declaration.name === name.slice(0, dot));
  const whole = feature?.declaration.by === undefined ? undefined : valueReaders(rules).get(feature.declaration.name);
  return whole && { ...whole, read: (profile, nowMs) => partOf(whole.read(profile, nowMs), name) };
}

const listed = new WeakMap<readonly string[], { readonly rules: ProfileRules; readonly readers: readonly (ValueReader | undefined)[] }>();

/** The readers of these names, in their order; found once for the same list under the same rules. The list must not change. */
export function readersOf(rules: ProfileRules, names: readonly string[]): readonly (ValueReader | undefined)[] {
  const known = listed.get(names);
  if (known?.rules === rules) return known.readers;
  const readers = names.map((name) => readerOf(rules, name));
  listed.set(names, { rules, readers });
  return readers;
}

const closable = new WeakMap<readonly (ValueReader | undefined)[], Map<string, readonly ValueReader[]>>();

/** Those among the readers of `readersOf` whose value the purpose may know and the personal parts may hold; found once for the same readers. */
export function sealedReaders(readers: readonly (ValueReader | undefined)[], purpose: string): readonly ValueReader[] {
  const byPurpose = closable.get(readers) ?? new Map<string, readonly ValueReader[]>();
  closable.set(readers, byPurpose);
  const known = byPurpose.get(purpose) ?? readers.filter((reader): reader is ValueReader => reader?.isOpen === false && reader.purposes.includes(purpose));
  byPurpose.set(purpose, known);
  return known;
}

function partOf(whole: NamedReading, name: string): NamedReading {
  const part = name.slice(name.indexOf('.') + 1);
  const { value } = whole;
  return {
    ...whole,
    name,
    value: typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, part) ? (value as ValuesByName)[part] : undefined,
  };
}

/** A state that was folded where the feature was personal, and no longer is, has another signature and is not read. */
const featureReaders = ({ features }: ProfileRules): readonly (readonly [string, ValueReader])[] =>
  features.map((feature) => {
    const { declaration, personal } = feature;
    const read = (profile: Profile, nowMs: number): NamedReading => readFeature(profile, feature, nowMs);
    const { name, purposes, maxAgeMs } = declaration;
    return [name, { purposes, read, sealedIn: () => personal, isOpen: !personal, ...(maxAgeMs !== undefined && { maxAgeMs }) }];
  });

/** A trait stays where its configuration put it until the profile is folded under the next one. */
const traitReaders = ({ traits, version }: ProfileRules): readonly (readonly [string, ValueReader])[] =>
  [...traits].map(([name, trait]) => {
    const personal = isPersonal(trait);
    const read = (profile: Profile): NamedReading => readTrait(profile, name, trait);
    return [`traits.${name}`, { purposes: trait.purposes, read, sealedIn: (profile) => personal || profile.version !== version, isOpen: false }];
  });
