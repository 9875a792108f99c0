import type { EventCondition } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import { compileCondition, type KnownNames, type ValueType } from './conditions.ts';
import type { Path } from './positions.ts';
import type { ReadableField, ReadableFields } from './readable-fields.ts';
import { reservedWords } from './reserved-words.ts';

/** A condition on the fields of its event. */
export interface WrittenWhere {
  /** Those that it can read. */
  readonly fields: ReadableFields;
  readonly review: Review;
  /** Where it stands. */
  readonly path: Path;
  readonly source: string;
}

/** The condition, checked against the declared fields; undefined when it is refused, with the fault in `review`. */
export function compileWhere({ fields, review, path, source }: WrittenWhere): EventCondition | undefined {
  const compiled = compileCondition(source, fieldNames(fields));
  if (compiled.kind === 'fault') {
    review.findings.push({ path, fault: compiled.fault, fix: compiled.fix });
    return undefined;
  }
  const { reads, evaluate } = compiled;
  return { source, reads: reads.features, holds: (fields) => evaluate({ features: fields, traits: {} }).kind === 'holds' };
}

function fieldNames(fields: ReadableFields): KnownNames {
  const features = [...fields].flatMap(([name, { type }]): [string, { type: ValueType }][] => {
    const read = valueTypes[type];
    return read === undefined || !/^[A-Za-z_]\w*$/.test(name) || taken(name) ? [] : [[name, { type: read }]];
  });
  return { features: new Map(features), traits: new Map(), segments: new Set<string>(), noun: 'field' };
}

const taken = (name: string): boolean => reservedWords.has(name) || name === 'traits' || name === 'segments';

/** Lists, objects, and times, which come as text or as ms, have no type in conditions. */
const valueTypes: Readonly<Partial<Record<ReadableField['type'], ValueType>>> = { number: 'number', string: 'text', boolean: 'truth' };
