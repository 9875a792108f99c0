import type { EventCondition } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import { compileCondition, type KnownNames, type ValueType } from './conditions.ts';
import { reservedWords } from './reserved-words.ts';
import type { AttuneDocument } from './schema.ts';

/** A condition of a feature on the fields of its event. */
export interface WrittenWhere {
  readonly document: AttuneDocument;
  readonly review: Review;
  /** Of the feature. */
  readonly name: string;
  readonly event: string;
  readonly source: string;
}

/** The condition, checked against the declared fields of the event; undefined when it is refused, with the fault in `review`. */
export function compileWhere({ document, review, name, event, source }: WrittenWhere): EventCondition | undefined {
  const declared = Object.hasOwn(document.events, event) ? document.events[event]?.fields : undefined;
  if (declared === undefined) return undefined;
  const compiled = compileCondition(source, fieldNames(declared));
  if (compiled.kind === 'fault') {
    review.findings.push({ path: ['features', name, 'where'], fault: compiled.fault, fix: compiled.fix });
    return undefined;
  }
  const { reads, evaluate } = compiled;
  return { source, reads: reads.features, holds: (fields) => evaluate({ features: fields, traits: {} }).kind === 'holds' };
}

type Fields = AttuneDocument['events'][string]['fields'];

/** One for all conditions on the same event: see `environmentOf`. */
const known = new WeakMap<Fields, KnownNames>();

function fieldNames(fields: Fields): KnownNames {
  const features = Object.entries(fields).flatMap(([name, { type }]): [string, { type: ValueType }][] => {
    const read = valueTypes[type];
    return read === undefined || !/^[A-Za-z_]\w*$/.test(name) || reservedWords.has(name) || name === 'traits' || name === 'segments'
      ? []
      : [[name, { type: read }]];
  });
  const names = known.get(fields) ?? { features: new Map(features), traits: new Map(), segments: new Set<string>(), noun: 'field' as const };
  known.set(fields, names);
  return names;
}

/** Lists, objects, and times, which come as text or as ms, have no type in conditions. */
const valueTypes: Readonly<Record<string, ValueType | undefined>> = { number: 'number', string: 'text', boolean: 'truth' };
