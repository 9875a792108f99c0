import { readFileSync } from 'node:fs';
import { jsonSchemaOf } from '@attune/configuration/schema-json';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configurationPage, settingsIn, sourcesInRepository } from './generate-configuration-docs.ts';

const sources = sourcesInRepository();
const page = readFileSync('docs/configuration.md', 'utf8');
const schema: unknown = JSON.parse(readFileSync('docs/attune.schema.json', 'utf8'));

test('the committed page is what the sources say: after a change of them, npm run docs:configuration', () => {
  expect(page).toBe(configurationPage(sources));
});

test('the committed schema is what the sources say', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(jsonSchemaOf(featureKindSpecs))));
});

test('the committed schema accepts the demo shop, and not a word beside its own', () => {
  const reader = z.fromJSONSchema(jsonSchemaOf(featureKindSpecs));
  const shop: unknown = parse(sources.example);
  expect(reader.safeParse(shop).error).toBeUndefined();
  expect(reader.safeParse({ ...(shop as object), ofers: {} }).success).toBe(false);
});

test('the demo shop tells editors where the schema lies', () => {
  expect(sources.example).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/docs\/attune\.schema\.json$/m);
});

test('each kind of feature has its section', () => {
  expect([...page.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind)).toEqual(featureKindSpecs.map(({ keyword }) => keyword));
});

test('each setting that the source names has a line', () => {
  const named = [...sources.settings.matchAll(/^ {2}((?:ATTUNE|OTEL)_\w+):/gm)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(settingsIn(sources.settings).map(({ name }) => name)).toEqual(named);
});

test('a setting is read with its default and what it says, over lines too', () => {
  const source =
    "const settings = {\n  ATTUNE_A: z\n    .string()\n    .default('x')\n    .describe('One (of two).'),\n  ATTUNE_B: z.url().optional().describe('Two.'),\n};\n";
  expect(settingsIn(source)).toEqual([
    { name: 'ATTUNE_A', byDefault: 'x', doc: 'One (of two).' },
    { name: 'ATTUNE_B', byDefault: undefined, doc: 'Two.' },
  ]);
  expect(() => settingsIn('  ATTUNE_C: z.string(),')).toThrow('ATTUNE_C');
});
