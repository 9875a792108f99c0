import { Configurations } from '@attune/configuration/configurations';
import { describe, expect, test } from 'vitest';
import { rules } from '../gift-barn.fixture.ts';
import { featureKinds } from './features/index.ts';
import { rulesOf } from './profile-rules.ts';

const configurations = new Configurations(featureKinds.map(({ spec }) => spec));

/** The rules of one feature `f` of an event with fields of every sort. */
const rulesWith = (feature: string) =>
  rulesOf(
    configurations.of(`attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: it } } }
events:
  Bought:
    fields: { total: { type: number }, age: { type: number, personal: true }, currency: { type: string, open: true }, note: { type: string } }
  Seen: {}
features:
  f: ${feature}
`),
  );
const featureOf = (feature: string) => rulesWith(feature).features[0];

describe('a feature with a condition', () => {
  test('has the fields of the condition opened for it', () => {
    expect(rulesWith('{ sum: total, of: Bought, where: currency == "GBP" && age > 17 }').fieldsOf.get('Bought')).toEqual(['total', 'age', 'currency']);
  });

  test.each<[string, boolean]>([
    ['total > 1', false],
    ['currency == "GBP"', false],
    ['age > 17', true],
    ['note == "gift"', true],
    ['total > 1 && note == "gift"', true],
  ])('is sealed when the condition tells what a sealed field says: %s', (where, sealed) => {
    expect(featureOf(`{ count: Bought, where: '${where}' }`)?.personal).toBe(sealed);
  });

  test('starts anew under another condition', () => {
    const signatures = ['total > 1', 'total > 2'].map((where) => featureOf(`{ count: Bought, where: ${where} }`)?.signature);
    expect(new Set([...signatures, featureOf('{ count: Bought }')?.signature]).size).toBe(3);
  });
});

test('a rate is fed by both of its events, and any other feature by one', () => {
  const { featuresOf } = rulesWith('{ rate: Bought, per: Seen }');
  expect([...featuresOf].map(([event, features]) => [event, features.map(({ declaration }) => declaration.name)])).toEqual([
    ['Bought', ['f']],
    ['Seen', ['f']],
  ]);
  expect([...rulesWith('{ count: Bought }').featuresOf.keys()]).toEqual(['Bought']);
});

test('hashes of a sealed text are sealed too: they tell whether it is one that is guessed', () => {
  expect(featureOf('{ unique_count: note, of: Bought }')?.personal).toBe(true);
  expect(featureOf('{ unique_count: currency, of: Bought }')?.personal).toBe(false);
});

test('a decision may read all but what is sensitive and lists of items, by name', () => {
  const names = rules.inputs.map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
  expect(names).toEqual(expect.arrayContaining(['spend_90d', 'traits.email']));
  expect(names.filter((name) => name === 'bought' || name === 'traits.gender')).toEqual([]);
  expect([...rules.starting.enters].toSorted()).toEqual(['first_timer', 'lapsing', 'let_down', 'vip']);
  expect(rules.starting.leaves.size).toBe(0);
});

test('another percentile of the same field starts anew', () => {
  expect(featureOf('{ percentile: total, of: Bought, p: 50 }')?.signature).not.toBe(featureOf('{ percentile: total, of: Bought, p: 95 }')?.signature);
});

test('a feature of before there were conditions keeps its state', () => {
  expect(featureOf('{ count: Bought, window: 90d }')?.signature).toBe(SIGNATURE);
});

/** As it was written into profiles from the first. */
const SIGNATURE = 52_517_933;
