import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type JsonSchema, jsonSchemaOf } from './schema-json.ts';
import { testKinds } from './test-kinds.fixture.ts';

const demo = readFileSync(new URL('../../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
const reader = z.fromJSONSchema(jsonSchemaOf(testKinds));
const accepts = (text: string): boolean => reader.safeParse(parse(text)).success;

it('accepts the demo shop', () => {
  expect(reader.safeParse(parse(demo)).error).toBeUndefined();
});

it.each([
  ['attune: 1 ', 'attune: 2 '],
  ['currency: GBP', 'currency: pounds'],
  ['name: Gift Barn, ', ''],
  ['\npurposes:', '\npurpses:'],
  ['basis: consent', 'basis: consnt'],
  ['keep: 6y', 'keep: six years'],
  ['keep: 6y', 'keep: 0y'],
  ['type: email, personal', 'typ: email, personal'],
  ['allowed: 7d', 'allowed: 7 days'],
  ['role: purchase', 'role: purchse'],
  ['type: list, max: 500', 'type: lst, max: 500'],
  ['{ count: Order Completed }', '{ cuont: Order Completed }'],
  ['{ count: Order Completed, window: 90d }', '{ count: Order Completed, windw: 90d }'],
  ['{ count: Order Completed }', '{ count: Order Completed, sum: total }'],
  ['sum: total, of: Order Completed, window', 'sum: total, window'],
  ['min_events: 3', 'min_events: 0'],
  ['unit: days, min_events: 3', 'unit: weeks, min_events: 3'],
  ['spend_90d >= 1500', '1'],
  ['value: 60.00', 'value: much'],
  ['explore: 0.05', 'explore: 5'],
  ['channels: [email, inbox]', 'channels: [emial, inbox]'],
  ['holdout: 10%', 'holdout: 10'],
  ['holdout: 10%', 'holdout: 101%'],
  ['from: "21:00"', 'from: "24:00"'],
  ['bought_within_30d', 'bought_within_a_month'],
  ['kind: co_purchase', 'kind: co_purchases'],
  ['per: day', 'per: fortnight'],
  ['stop_everything: false', 'stop_everything: nope'],
  ['  vip: ', '  VIP: '],
])('refuses %j → %j', (right, wrong) => {
  expect(demo).toContain(right);
  expect(accepts(demo.replace(right, () => wrong))).toBe(false);
});

it.each([
  ['holdout: 10%', 'holdout: 100%'],
  ['holdout: 10%', 'holdout: 2.5%'],
  ['segment: [first_timer, lapsing]', 'segment: lapsing'],
  ['per: day', 'per: 12h'],
  ['late_events: { allowed: 7d }', ''],
])('accepts %j → %j', (before, after) => {
  expect(accepts(demo.replace(before, () => after))).toBe(true);
});

it('describes each word in a sentence', () => {
  const bare = wordsOf(jsonSchemaOf(testKinds)).filter(({ schema }) => !/\.$/.test(schema.description ?? ''));
  expect(bare.map(({ path }) => path)).toEqual([]);
});

it('shows defaults as they are written', () => {
  expect(jsonSchemaOf([]).properties?.['late_events']).toMatchObject({ default: { allowed: '7d' } });
});

/** Every word below a schema, with the words that lead to it. */
function wordsOf({ properties = {}, additionalProperties, items, anyOf = [] }: JsonSchema, path = ''): { path: string; schema: JsonSchema }[] {
  const named = Object.entries(properties).flatMap(([word, schema]) =>
    typeof schema === 'object' ? [{ path: `${path}.${word}`, schema }, ...wordsOf(schema, `${path}.${word}`)] : [],
  );
  const below = [additionalProperties, items, ...anyOf].flatMap((schema) => (typeof schema === 'object' && !Array.isArray(schema) ? [schema] : []));
  return [...named, ...below.flatMap((schema) => wordsOf(schema, path))];
}
