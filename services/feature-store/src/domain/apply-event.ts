import type { FeatureEvent, PlainValue } from './features/feature-kind.ts';
import { type FeatureCell, isPersonal, type Leaf, laterTrait, needPersonal, type Profile } from './profile.ts';
import type { ActiveFeature, ProfileRules } from './profile-rules.ts';

/** An event as a profile takes it. */
export interface Applied {
  readonly event: FeatureEvent;
  /** `track` steps features, `identify` sets traits, others count only. */
  readonly call: 'track' | 'identify' | 'other';
  /** Late events step no feature; a late trait is older than what stands there, or news. */
  readonly late: boolean;
  readonly rules: ProfileRules;
}

/** Folds an event into a leaf, in place. True when something changed that a segment reads. */
export function applyEvent(profile: Profile, leaf: Leaf, applied: Applied): boolean {
  const { event, call, late } = applied;
  if (late) profile.late++;
  else {
    profile.events++;
    profile.newestMs = Math.max(profile.newestMs, event.timestampMs);
  }
  if (call === 'identify') return setTraits(profile, leaf, applied);
  return call === 'track' && !late && stepFeatures(profile, leaf, applied);
}

function stepFeatures(profile: Profile, leaf: Leaf, { event, rules }: Applied): boolean {
  let ruled = false;
  for (const feature of rules.featuresOf.get(event.name) ?? []) {
    if (feature.personal) needPersonal(profile);
    if (feature.personal && profile.personal === 'erased') continue;
    const cell = cellOf(leaf, feature);
    cell.state = feature.kind.step(cell.state, event, feature.declaration);
    cell.newestMs = Math.max(cell.newestMs, event.timestampMs);
    cell.bytes = undefined;
    if (feature.personal) profile.envelope = undefined;
    ruled ||= feature.ruled;
  }
  return ruled;
}

function cellOf(leaf: Leaf, { declaration, kind, signature, personal }: ActiveFeature): FeatureCell {
  const known = leaf.features.get(declaration.name);
  if (known) return known;
  const made: FeatureCell = { kind, signature, personal, state: kind.init(), newestMs: 0, bytes: undefined, from: 0, to: 0 };
  leaf.features.set(declaration.name, made);
  return made;
}

function setTraits(profile: Profile, leaf: Leaf, { event: { fields, timestampMs, messageId }, rules }: Applied): boolean {
  let ruled = false;
  for (const [name, declared] of rules.traits) {
    const value = Object.hasOwn(fields, name) ? plainValue(fields[name]) : undefined;
    const personal = isPersonal(declared);
    if (personal && value !== undefined) needPersonal(profile);
    if (value === undefined || (personal && profile.personal === 'erased')) continue;
    const before = leaf.traits.get(name);
    const after = laterTrait(before, { value, timestampMs, messageId, personal });
    if (after === undefined || after === before) continue;
    leaf.traits.set(name, after);
    if (personal) profile.envelope = undefined;
    ruled ||= declared.ruled;
  }
  return ruled;
}

/** What may stand in a profile: a well-formed text, truth, or a finite number; -0 has no bytes of its own. */
function plainValue(value: unknown): PlainValue | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value || 0 : undefined;
}
