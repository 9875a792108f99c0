import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { listed, type Misfit, unknownName } from './misfit.ts';
import { scalarMisfit } from './scalar-misfit.ts';

/**
 * The first place where JSON is not that message (protobuf's mapping; names in camelCase or as in the contract; null = absent): which field, what is expected there.
 * Repeats nothing of what was sent but known names. Undefined where all fits.
 */
export function jsonFault(json: Readonly<Record<string, unknown>>, shape: DescMessage): string | undefined {
  const misfit = messageMisfit(json, shape, '');
  return misfit && (misfit.path === '' ? misfit.expected : `Field: ${misfit.path}. ${misfit.expected}`);
}

/** JSON's objects, without lists. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

function messageMisfit(json: unknown, shape: DescMessage, path: string): Misfit | undefined {
  if (shape.typeName === 'google.protobuf.Timestamp') return isTime(json) ? undefined : { path, expected: 'A time such as 2026-01-31T12:00:00Z is expected.' };
  if (shape.typeName === 'google.protobuf.Struct') return isObject(json) ? undefined : { path, expected: 'A JSON object is expected.' };
  if (!isObject(json))
    return { path, expected: `An object is expected${shape.fields.length === 0 ? '' : `, with ${listed(shape.fields.map(({ jsonName }) => jsonName))}`}.` };
  const given = Object.entries(json);
  const taken = new Set<string>();
  for (const [at, [name, value]] of given.entries()) {
    const field = shape.fields.find((one) => one.jsonName === name || one.name === name);
    if (field === undefined) return { path, expected: unknownName(name, `${at + 1} of ${given.length}`, { shape, path }) };
    if (value === null) continue;
    const place = path === '' ? name : `${path}.${name}`;
    const slot = field.oneof?.name ?? field.name;
    if (taken.has(slot)) return { path: place, expected: `Only one of ${listed(rivalsOf(field))} may be given.` };
    taken.add(slot);
    const misfit = fieldMisfit(value, field, place);
    if (misfit) return misfit;
  }
  return undefined;
}

const rivalsOf = (field: DescField): readonly string[] => field.oneof?.fields.map(({ jsonName }) => jsonName) ?? [field.jsonName, field.name];

function fieldMisfit(value: unknown, field: DescField, path: string): Misfit | undefined {
  switch (field.fieldKind) {
    case 'list':
      if (!Array.isArray(value)) return { path, expected: 'A list is expected.' };
      return first(value, (one, i) => valueMisfit(one, field, `${path}[${i}]`));
    case 'map':
      if (!isObject(value)) return { path, expected: 'An object is expected.' };
      // The reader would lose it, and its keys are the sender's words: they stay out of the answer.
      if (Object.hasOwn(value, '__proto__')) return { path, expected: '__proto__ may not be a key.' };
      return first(Object.values(value), (one) => valueMisfit(one, field, `${path}.*`));
    default:
      return valueMisfit(value, field, path);
  }
}

/** One value of a field, of a list or of a map. */
const valueMisfit = (value: unknown, { message, enum: closed, scalar }: DescField, path: string): Misfit | undefined =>
  message ? messageMisfit(value, message, path) : scalarMisfit(value, { closed, scalar }, path);

function first<Value>(values: readonly Value[], misfitOf: (value: Value, i: number) => Misfit | undefined): Misfit | undefined {
  for (const [i, value] of values.entries()) {
    const misfit = misfitOf(value, i);
    if (misfit) return misfit;
  }
  return undefined;
}

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/i.test(value) && !Number.isNaN(Date.parse(value));
