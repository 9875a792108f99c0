import { type NamedValue, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type FeatureValue, isItems } from '../domain/features/feature-kind.ts';
import type { NamedReading } from '../domain/read-profile.ts';

/** A reading as calls and records tell it: PRESENT with its value, or MISSING. Its age is there to be set: all values are of one shape. */
export function namedValue({ name, value, eventTimeMs }: NamedReading): NamedValue {
  const eventTime = BigInt(eventTimeMs);
  if (value === undefined) return { name, status: ValueStatus.VALUE_STATUS_MISSING, value: undefined, eventTimeMs: eventTime, ageMs: undefined };
  return { name, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind: kindOfValue(value) }, eventTimeMs: eventTime, ageMs: undefined };
}

function kindOfValue(value: FeatureValue): Value['kind'] {
  if (isItems(value)) return { $case: 'items', value: { items: value.map(({ item, atMs }) => ({ id: item, atMs: atMs.map(BigInt) })) } };
  if (Array.isArray(value)) return listOf(value);
  if (typeof value === 'object')
    return { $case: 'byName', value: { values: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, { kind: kindOfValue(one) }])) } };
  if (typeof value === 'number') return { $case: 'number', value } as const;
  return typeof value === 'string' ? ({ $case: 'text', value } as const) : ({ $case: 'truth', value } as const);
}

const listOf = (values: readonly (string | number)[]): Value['kind'] =>
  values.every((value) => typeof value === 'number') && values.length > 0
    ? { $case: 'numbers', value: { values: values.map(Number) } }
    : { $case: 'texts', value: { values: values.map(String) } };
