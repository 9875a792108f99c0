import { type FeatureDeclaration, type FeatureOptionType, featureBytesMax } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import { compileWhere } from './compile-where.ts';
import type { ValueType } from './conditions.ts';
import { unitsMs } from './durations.ts';
import type { WrittenFeature } from './feature-schema.ts';
import { checkField, checkNameField, checkWeight } from './field-rules.ts';
import { eventNamed, type ResolvedFeature, resolveFeature } from './resolve-feature.ts';
import type { AttuneDocument } from './schema.ts';

/** A feature that was read, and how conditions can name it; no type = they cannot. */
export interface CompiledFeature {
  readonly declaration: FeatureDeclaration;
  readonly type?: { readonly type: ValueType; readonly byName: boolean };
}

/** So many bytes a feature may keep of one identifier of a customer. */
export const FEATURE_BYTES_MAX = 131_072;

/** The features of a document with their events and fields resolved. Purposes default to personalise and marketing, where declared. */
export function compileFeatures(document: AttuneDocument, review: Review): CompiledFeature[] {
  return Object.entries(document.features).map((entry) => {
    const resolved = resolveFeature(document, review, entry);
    const { name, written, event, field, each, fields } = resolved;
    const { spec, by } = written;
    if (spec.result === 'items') checkItems(document, review, resolved);
    const where = written.where === undefined ? undefined : compileWhere({ fields, review, path: ['features', name, 'where'], source: written.where });
    const decimals = checkField(review, resolved);
    if (by !== undefined) checkNameField(review, resolved, by);
    const declaration: FeatureDeclaration = {
      ...{ name, kind: spec.keyword, event },
      ...(field !== undefined && { field }),
      ...numbers(written),
      ...secondEvent(document, review, resolved),
      ...(checkWeight(review, resolved) ?? {}),
      ...(each !== undefined && { each }),
      ...(by !== undefined && { by }),
      ...(written.maxAgeMs !== undefined && { maxAgeMs: written.maxAgeMs }),
      ...(where && { where }),
      ...{ decimals, purposes: purposesOf(document, review, name, written) },
    };
    checkSize(review, resolved, declaration);
    const type = valueType(resolved);
    return { declaration, ...(type !== undefined && { type: { type, byName: by !== undefined } }) };
  });
}

/** What its kind says, or what the field that it reads says (times are ms). */
function valueType({ written: { spec }, field, fields }: ResolvedFeature): ValueType | undefined {
  if (spec.result === 'items') return undefined;
  if (spec.result !== 'field' && spec.result !== 'list') return spec.result;
  const type = fields.get(field ?? '')?.type;
  const isNumber = type === 'number' || type === 'time';
  if (spec.result === 'list') return isNumber ? 'numbers' : 'texts';
  return isNumber ? 'number' : type === 'boolean' ? 'truth' : 'text';
}

/** Where its event says nothing of items, the feature would never have a value. */
function checkItems({ events }: AttuneDocument, { findings }: Review, { name, written: { spec, each, by }, event }: ResolvedFeature): void {
  for (const [word, value] of Object.entries({ each, by })) {
    const path = ['features', name, word];
    if (value !== undefined) findings.push({ path, fault: `${spec.keyword} has its items from the event.`, fix: `Remove ${word}.`, atKey: true });
  }
  const declared = Object.hasOwn(events, event) ? events[event] : undefined;
  if (declared === undefined || declared.lines !== undefined || declared.item !== undefined) return;
  findings.push({
    path: ['features', name, spec.keyword],
    fault: `${event} does not say where its items stand.`,
    fix: 'Give the event lines: { each: products, item: product_id }, or item: product_id.',
  });
}

function checkSize({ findings }: Review, { name, written: { spec } }: ResolvedFeature, declaration: FeatureDeclaration): void {
  const bytes = featureBytesMax(spec, declaration) ?? 0;
  if (bytes <= FEATURE_BYTES_MAX) return;
  const kilobytes = (n: number): string => `${Math.round(n / 1_000)} kB`;
  findings.push({
    path: ['features', name],
    fault: `${name} could keep ${kilobytes(bytes)} of a customer; ${kilobytes(FEATURE_BYTES_MAX)} is the most.`,
    fix: declaration.by === undefined ? 'Choose a shorter window or a smaller k.' : 'Remove by, or choose a shorter window, a smaller k or another kind.',
    atKey: true,
  });
}

const optionOfType = ({ spec }: Pick<WrittenFeature, 'spec'>, type: FeatureOptionType): string | undefined =>
  Object.keys(spec.options).find((key) => spec.options[key]?.type === type);

/** The other event of a kind that reads two. */
function secondEvent(document: AttuneDocument, review: Review, { name, written }: ResolvedFeature): Pick<FeatureDeclaration, 'per'> {
  const key = written.spec.operand === 'event' ? optionOfType(written, 'event') : undefined;
  const said = key === undefined ? undefined : written.options[key];
  return key === undefined || said === undefined ? {} : { per: eventNamed({ document, review, path: ['features', name, key], said: String(said) }) };
}

type Numbers = Pick<FeatureDeclaration, 'windowMs' | 'unitMs' | 'minEvents' | 'percent' | 'periodMs' | 'halfLifeMs' | 'k'>;

function numbers(feature: WrittenFeature): Numbers {
  const value = (type: FeatureOptionType) => feature.options[optionOfType(feature, type) ?? ''];
  const number = (type: FeatureOptionType, name: keyof Numbers): Numbers => (typeof value(type) === 'number' ? { [name]: value(type) } : {});
  const minEvents = feature.options['min_events'];
  return {
    ...number('window', 'windowMs'),
    ...(optionOfType(feature, 'unit') !== undefined && { unitMs: unitsMs[unitName(value('unit'))] }),
    ...(typeof minEvents === 'number' && { minEvents }),
    ...number('percent', 'percent'),
    ...(optionOfType(feature, 'period') !== undefined && { periodMs: value('period') === 'week' ? 7 * unitsMs.days : unitsMs.days }),
    ...number('half_life', 'halfLifeMs'),
    ...number('k', 'k'),
  };
}

const unitName = (unit: unknown): keyof typeof unitsMs => (unit === 'hours' || unit === 'minutes' || unit === 'seconds' ? unit : 'days');

function purposesOf({ purposes }: AttuneDocument, review: Review, name: string, feature: WrittenFeature): readonly string[] {
  const declared = Object.keys(purposes);
  for (const [i, purpose] of (feature.purposes ?? []).entries())
    review.known({ path: ['features', name, 'purposes', i], what: 'purpose', name: purpose, among: declared });
  return feature.purposes ?? ['personalise', 'marketing'].filter((purpose) => declared.includes(purpose));
}
