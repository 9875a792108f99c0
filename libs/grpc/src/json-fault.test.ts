import * as common from '@attune/contracts/messages/common/v1/common';
import * as features from '@attune/contracts/messages/features/v1/features';
import * as identity from '@attune/contracts/messages/identity/v1/identity';
import * as ingestion from '@attune/contracts/messages/ingestion/v1/ingestion';
import * as log from '@attune/contracts/messages/log/v1/log';
import * as notification from '@attune/contracts/messages/notification/v1/notification';
import * as privacy from '@attune/contracts/messages/privacy/v1/privacy';
import * as scoring from '@attune/contracts/messages/scoring/v1/scoring';
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shapesOf } from './contracts.ts';
import { jsonFault } from './json-fault.ts';
import type { JsonMessage } from './json-request.ts';

const readers: unknown = { common, features, identity, ingestion, log, notification, privacy, scoring };

/** The generated reader of a message. */
function readerOf({ typeName }: DescMessage): JsonMessage<unknown> {
  const [, area = '', , name = ''] = typeName.split('.');
  const reader = (readers as Readonly<Record<string, Readonly<Record<string, JsonMessage<unknown>>>>>)[area]?.[name];
  if (reader === undefined) throw new Error(`no reader of ${typeName}`);
  return reader;
}

/** A value may hold values by name: so deep they are written. */
const DEPTH_MAX = 4;

/** Any JSON of a message, as protobuf writes it: without defaults, 64 bits as texts. `depth` messages lie around it; the innermost hold no others but those that hold none. */
function written({ typeName, fields: declared }: DescMessage, depth = 0): fc.Arbitrary<object | string> {
  if (typeName === 'google.protobuf.Timestamp') return fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString());
  if (typeName === 'google.protobuf.Struct') return fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string(), fc.boolean(), fc.constant(null)));
  const fields = declared.filter(({ message }) => depth < DEPTH_MAX || message === undefined || !nests(message));
  const lone = fields.filter(({ oneof }) => oneof === undefined).map((field) => [field.jsonName, anyOf(field, depth)] as const);
  const oneofs = [...Map.groupBy(fields, ({ oneof }) => oneof)].flatMap(([oneof, choices]) =>
    oneof === undefined ? [] : fc.oneof(...choices.map((field) => anyOf(field, depth).map((value) => ({ [field.jsonName]: value })))),
  );
  const rest = fc.record(Object.fromEntries(lone), { requiredKeys: [] });
  return fc.tuple(rest, ...oneofs).map((parts) => Object.assign({}, ...parts) as object);
}

const nests = ({ typeName, fields }: DescMessage): boolean => !typeName.startsWith('google.') && fields.some(({ message }) => message !== undefined);

function anyOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = field.message
    ? written(field.message, depth + 1)
    : field.enum
      ? fc.constantFrom(...field.enum.values.slice(1).map(({ name }) => name))
      : scalar(field.scalar);
  if (field.fieldKind === 'list') return fc.array(one, { minLength: 1, maxLength: 3 });
  return field.fieldKind === 'map' ? fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), one, { minKeys: 1, maxKeys: 3 }) : one;
}

function scalar(type: ScalarType | undefined): fc.Arbitrary<unknown> {
  if (type === ScalarType.STRING) return fc.string({ minLength: 1 });
  if (type === ScalarType.BOOL) return fc.constant(true);
  if (type === ScalarType.BYTES) return fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  if (type === ScalarType.DOUBLE) return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => number !== 0);
  if (type === ScalarType.INT64) return fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
  if (type === ScalarType.INT32) return fc.integer({ min: 1 });
  throw new Error(`a kind that no request had before: ${type}`);
}

const snake = (json: unknown, shape: DescMessage): unknown =>
  typeof json !== 'object' || json === null || shape.typeName.startsWith('google.')
    ? json
    : Object.fromEntries(
        Object.entries(json).map(([name, value]) => {
          const field = shape.fields.find(({ jsonName }) => jsonName === name);
          const inner = (one: unknown) => (field?.message ? snake(one, field.message) : one);
          if (field?.fieldKind === 'map') return [field.name, Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, inner(one)]))];
          return [field?.name ?? name, Array.isArray(value) ? value.map(inner) : inner(value)];
        }),
      );

const shapes = shapesOf('attune.').filter(({ typeName }) => !typeName.startsWith('attune.log.') || typeName === 'attune.log.v1.Item');

test.each(shapes.map((shape) => [shape.typeName, shape] as const))('what fits %s is read as it was written, in both spellings', (_, shape) => {
  const { fromJSON, toJSON } = readerOf(shape);
  fc.assert(
    fc.property(written(shape), (json) => {
      for (const spelling of [json, snake(json, shape)]) {
        expect(jsonFault(spelling as Readonly<Record<string, unknown>>, shape)).toBeUndefined();
        expect(toJSON(fromJSON(spelling))).toEqual(json);
      }
    }),
    { numRuns: 30 },
  );
});

/** Whether what was read says what was written: the slow way, which knows nothing of the contracts. */
function says(read: unknown, given: unknown): boolean {
  if (given === null) return true;
  const isDefault = given === '' || given === false || (typeof given === 'object' ? Object.keys(given).length === 0 : Number(given) === 0);
  if (read === undefined) return isDefault;
  if (typeof given === 'number' && typeof read === 'string' && /^[A-Z]+_[A-Z0-9_]+$/.test(read)) return true; // a number of an enumeration is told by its name
  if (typeof given !== 'object' || given === null) return String(read) === String(given) || Number(read) === Number(given);
  if (Array.isArray(given)) return Array.isArray(read) && read.length === given.length && given.every((one, i) => says(read[i], one));
  const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const told = read as Readonly<Record<string, unknown>>;
  return Object.entries(given).every(([name, one]) => says(told[Object.hasOwn(told, name) ? name : camel(name)], one));
}

test.each(shapes.map((shape) => [shape.typeName, shape] as const))('whatever JSON comes for %s is refused, or read without losing a word of it', (_, shape) => {
  const { fromJSON, toJSON } = readerOf(shape);
  const names = shape.fields.flatMap(({ name, jsonName }) => [name, jsonName]);
  const leaf = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('', '7', 7, true, null));
  const some = fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }), ...shape.fields.map(anyOf));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names, 'other', '__proto__'), some, { maxKeys: 3 }), (made) => {
      const json = JSON.parse(JSON.stringify(made)) as Readonly<Record<string, unknown>>;
      if (jsonFault(json, shape) === undefined) expect(says(toJSON(fromJSON(json)), json)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
