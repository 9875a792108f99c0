import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { hash32 } from '@attune/kernel/hash';
import { bucketed } from './features/bucketed.ts';
import { eachEntry } from './features/each-entry.ts';
import type { FeatureKind } from './features/feature-kind.ts';
import { featureKinds } from './features/index.ts';
import type { ActiveFeature, DeclaredField, DeclaredRules, LinesOfEvent } from './profile-rules.ts';

const kinds = new Map(featureKinds.map((kind) => [kind.spec.keyword, kind]));
const byName = new Map(featureKinds.map((kind) => [kind.spec.keyword, bucketed(kind)]));
const kept = new Map([...kinds.values(), ...byName.values()].map((kind) => [kind.spec.keyword, kind]));

/** The kind whose states are kept under that keyword; undefined for one that this version does not have. */
export const kindOf = (keyword: string): FeatureKind<unknown> | undefined => kept.get(keyword);

/** A declared feature with its kind; undefined for a kind that this version does not have. `ruled`: a segment reads it. */
export function activeFeature({ events }: DeclaredRules, declaration: FeatureDeclaration, ruled: boolean): ActiveFeature | undefined {
  const { by, each } = declaration;
  const plain: FeatureKind<unknown> | undefined = (by === undefined ? kinds : byName).get(declaration.kind);
  if (plain === undefined) return undefined;
  const kind = each === undefined ? plain : eachEntry(plain);
  const lines = kind.spec.result === 'items' ? linesOfEvent(events[declaration.event]) : undefined;
  const personal = isPersonal(events[declaration.event], { declaration, kind, lines });
  return { declaration, kind, signature: signatureOf(declaration, lines, personal), personal, ruled };
}

/** Where the items of an event stand; undefined where it does not say. */
export function linesOfEvent(event: DeclaredRules['events'][string] | undefined): LinesOfEvent | undefined {
  return event?.lines ?? (event?.item === undefined ? undefined : { item: event.item });
}

/** The fields of the event that the feature reads, its lists among them. */
export function fieldsOfFeature({ events }: DeclaredRules, declaration: FeatureDeclaration): readonly string[] {
  const { each } = declaration;
  const read = namesRead(declaration);
  if (each === undefined) return read;
  const declared = events[declaration.event]?.fields ?? {};
  return [each, ...read.filter((name) => name !== each && Object.hasOwn(declared, name))];
}

const namesRead = ({ field, by, weight, where }: FeatureDeclaration): readonly string[] =>
  [field, by, weight, ...(where?.reads ?? [])].filter((name) => name !== undefined);

interface Reading {
  readonly declaration: FeatureDeclaration;
  readonly kind: FeatureKind<unknown>;
  readonly lines: LinesOfEvent | undefined;
}

function isPersonal(event: DeclaredRules['events'][string] | undefined, { declaration, kind: { spec }, lines }: Reading): boolean {
  const { field, each, by, weight, where } = declaration;
  const list = each === undefined ? undefined : event?.fields[each];
  // What stands in a list is as open as the list.
  const sourceOf = (name: string): DeclaredField | undefined => list ?? event?.fields[name];
  const read = lines === undefined ? field : (lines.each ?? lines.item);
  const source = read === undefined ? list : sourceOf(read);
  // A kind that repeats the field's own value repeats a free text as well; what is not declared lies sealed.
  const repeats = ['field', 'list', 'texts'].includes(spec.result) || spec.keepsField === true || lines !== undefined;
  const told = source === undefined ? lines !== undefined : source.personal || (repeats && !source.open);
  const asked = [...[by, weight].filter((name) => name !== undefined), ...(where?.reads ?? [])];
  return told || asked.some((name) => isSealed(sourceOf(name)) || (list !== undefined && event?.fields[name]?.personal === true));
}

/** True for a field that the log carries sealed: personal, undeclared, or made of words and not open. */
const isSealed = (field: DeclaredField | undefined): boolean =>
  field === undefined || field.personal || (!field.open && !['number', 'boolean', 'time'].includes(field.type));

function signatureOf(declaration: FeatureDeclaration, lines: LinesOfEvent | undefined, personal: boolean): number {
  const { kind, event, field, windowMs, unitMs, minEvents, decimals, percent, per, periodMs, halfLifeMs, k, weight, each, by, where } = declaration;
  const always = [kind, event, lines ?? field, windowMs, unitMs, minEvents, decimals, personal];
  const more = JSON.stringify({ percent, per, periodMs, halfLifeMs, k, weight, each, by, where: where?.source });
  // Profiles that were folded before there were more keep their signatures.
  return hash32(JSON.stringify(more === '{}' ? always : [...always, more]));
}
