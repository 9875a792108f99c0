import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { z } from 'zod';
import { schemaOfKind } from './feature-schema.ts';
import { exclusion } from './recommender-schema.ts';
import { documentSchema } from './schema.ts';
import { duration, halfLife, percent, timeOfDay, window } from './words.ts';

/** A JSON Schema (draft 7), as editors read it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The JSON Schema of attune.yaml for these kinds of features. It knows words, types and bounds; names, conditions and what two words say together are for `attune check`. */
export function jsonSchemaOf(kinds: readonly FeatureKindSpec[]): JsonSchema {
  const schema = written(documentSchema(kinds));
  const features = schema.properties?.['features'];
  if (typeof features === 'object') features.additionalProperties = { anyOf: kinds.map(featureOf) };
  return { ...schema, title: 'attune.yaml' };
}

function featureOf(spec: FeatureKindSpec): JsonSchema {
  const { $schema: _draft, ...schema } = written(schemaOfKind(spec));
  return { title: spec.keyword, description: spec.doc, ...schema };
}

/** As a person writes it, not as it is read. */
const written = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const text = texts.get(zodSchema._zod.def);
      if (text !== undefined) Object.assign(jsonSchema, { type: 'string', ...text });
    },
  });

/** Texts that are read into numbers: to zod they are anything. */
const texts = new Map<unknown, JsonSchema>([
  [duration._zod.def, { title: 'duration', pattern: '^[1-9][0-9]{0,8}[smhdy]$' }],
  [window._zod.def, { title: 'window', pattern: '^[1-9][0-9]{0,8}[smhdy]$' }],
  [halfLife._zod.def, { title: 'duration', pattern: '^[1-9][0-9]{0,8}[hmsdy]$' }],
  [percent._zod.def, { title: 'percentage', pattern: '^(100(\\.0{1,3})?|0?[0-9]{1,2}(\\.[0-9]{1,3})?)%$' }],
  [exclusion._zod.def, { title: 'exclusion', pattern: '^(out_of_stock|(bought|seen)(_within_[1-9][0-9]{0,8}[smhdy])?)$' }],
  [timeOfDay._zod.def, { title: 'time of day', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }],
]);
