import type { FeatureDeclaration, FeatureOptionType } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import { compileWhere } from './compile-where.ts';
import type { ValueType } from './conditions.ts';
import { unitsMs } from './durations.ts';
import type { WrittenFeature } from './feature-schema.ts';
import type { AttuneDocument } from './schema.ts';

/** The features of a document with their events and fields resolved. Purposes default to personalise and marketing, where declared. */
export function compileFeatures(document: AttuneDocument, review: Review): FeatureDeclaration[] {
  return Object.entries(document.features).map(([name, feature]) => {
    const { spec, operand, options } = feature;
    const eventKey = spec.operand === 'event' ? spec.keyword : optionOfType(feature, 'event');
    const event = spec.operand === 'event' ? operand : String(options[eventKey ?? ''] ?? '');
    for (const key of eventKeys(feature)) {
      review.known({
        path: ['features', name, key],
        what: 'event',
        name: key === spec.keyword ? operand : String(options[key]),
        among: Object.keys(document.events),
      });
    }
    if (spec.result === 'items') checkLines(document, review, name, { spec, event });
    const where = feature.where === undefined ? undefined : compileWhere({ document, review, name, event, source: feature.where });
    const decimals = spec.operand === 'field' ? checkedField({ document, review, name, feature, event }) : 0;
    return {
      name,
      kind: spec.keyword,
      event,
      ...(spec.operand === 'field' && { field: operand }),
      ...numbers(feature),
      ...(where && { where }),
      decimals,
      purposes: purposesOf(document, review, name, feature),
    };
  });
}

/** The type of a feature in conditions: what its kind says, or the type of the field that it reads (times are ms); undefined for one that no condition can name. */
export function featureType(document: AttuneDocument, { spec, operand, options }: WrittenFeature): ValueType | undefined {
  if (spec.result === 'items') return undefined;
  if (spec.result !== 'field') return spec.result;
  const eventKey = Object.keys(spec.options).find((key) => spec.options[key]?.type === 'event');
  const type = document.events[String(options[eventKey ?? ''])]?.fields[operand]?.type;
  return type === 'number' || type === 'time' ? 'number' : type === 'boolean' ? 'truth' : 'text';
}

/** Where its event says nothing of items, the feature would never have a value. */
function checkLines({ events }: AttuneDocument, { findings }: Review, name: string, { spec, event }: { spec: WrittenFeature['spec']; event: string }): void {
  const declared = Object.hasOwn(events, event) ? events[event] : undefined;
  if (declared === undefined || declared.lines !== undefined || declared.item !== undefined) return;
  findings.push({
    path: ['features', name, spec.keyword],
    fault: `${event} does not say where its items stand.`,
    fix: 'Give the event lines: { each: products, item: product_id }, or item: product_id.',
  });
}

const optionOfType = ({ spec }: Pick<WrittenFeature, 'spec'>, type: FeatureOptionType): string | undefined =>
  Object.keys(spec.options).find((key) => spec.options[key]?.type === type);

function eventKeys({ spec, options }: WrittenFeature): string[] {
  const keys = Object.keys(spec.options).filter((key) => spec.options[key]?.type === 'event' && options[key] !== undefined);
  return spec.operand === 'event' ? [spec.keyword, ...keys] : keys;
}

/** The decimals of the field that the feature reads; the field must be declared. A field that is no number has none. */
function checkedField(at: { document: AttuneDocument; review: Review; name: string; feature: WrittenFeature; event: string }): number {
  const { document, review, name, event } = at;
  const { spec, operand } = at.feature;
  const fields = Object.hasOwn(document.events, event) ? document.events[event]?.fields : undefined;
  if (fields === undefined) return 0;
  const field = Object.hasOwn(fields, operand) ? fields[operand] : undefined;
  const path = ['features', name, spec.keyword];
  if (field === undefined) review.known({ path, what: `field of ${event} named`, name: operand, among: Object.keys(fields) });
  else if (spec.result === 'number' && spec.anyField !== true && field.type !== 'number') {
    review.findings.push({
      path,
      fault: `${operand} is a ${field.type}, and ${spec.keyword} needs a number.`,
      fix: 'Name a field with type: number.',
    });
  }
  if ((spec.result === 'field' || spec.anyField === true) && (field?.type === 'list' || field?.type === 'object')) {
    review.findings.push({
      path,
      fault: `${operand} is ${field.type === 'object' ? 'an' : 'a'} ${field.type}, and ${spec.keyword} needs one value.`,
      fix: 'Name a field that is a number, a text, true or false, or a time.',
    });
  }
  return field?.type === 'number' ? field.decimals : 0;
}

type Numbers = Pick<FeatureDeclaration, 'windowMs' | 'unitMs' | 'minEvents' | 'percent' | 'per' | 'periodMs' | 'halfLifeMs'>;

function numbers(feature: WrittenFeature): Numbers {
  const { spec, options } = feature;
  const value = (type: FeatureOptionType) => options[optionOfType(feature, type) ?? ''];
  const [windowMs, unit, percent, halfLifeMs, minEvents] = [value('window'), value('unit'), value('percent'), value('half_life'), options['min_events']];
  const unitMs = optionOfType(feature, 'unit') === undefined ? undefined : unitsMs[unitName(unit)];
  const per = spec.operand === 'event' ? value('event') : undefined;
  return {
    ...(typeof windowMs === 'number' && { windowMs }),
    ...(unitMs !== undefined && { unitMs }),
    ...(typeof minEvents === 'number' && { minEvents }),
    ...(typeof percent === 'number' && { percent }),
    ...(typeof per === 'string' && { per }),
    ...(optionOfType(feature, 'period') !== undefined && { periodMs: value('period') === 'week' ? 7 * unitsMs.days : unitsMs.days }),
    ...(typeof halfLifeMs === 'number' && { halfLifeMs }),
  };
}

const unitName = (unit: unknown): keyof typeof unitsMs => (unit === 'hours' || unit === 'minutes' || unit === 'seconds' ? unit : 'days');

function purposesOf({ purposes }: AttuneDocument, review: Review, name: string, feature: WrittenFeature): readonly string[] {
  const declared = Object.keys(purposes);
  for (const [i, purpose] of (feature.purposes ?? []).entries())
    review.known({ path: ['features', name, 'purposes', i], what: 'purpose', name: purpose, among: declared });
  return feature.purposes ?? ['personalise', 'marketing'].filter((purpose) => declared.includes(purpose));
}
