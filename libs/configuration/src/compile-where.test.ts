import type { EventCondition } from '@attune/kernel/feature-kind';
import { expect, it } from 'vitest';
import { checkConfiguration } from './check.ts';
import { testKinds } from './test-kinds.fixture.ts';

const documentWith = (feature: string): string => `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: it } } }
events:
  Bought: { fields: { total: { type: number }, currency: { type: string }, gift: { type: boolean }, lines: { type: list }, at: { type: time } } }
features:
  f: ${feature}
`;
const checked = (feature: string) => checkConfiguration({ text: documentWith(feature), file: 'attune.yaml', kinds: testKinds });

function conditionOf(source: string): EventCondition {
  const answer = checked(`{ count: Bought, where: '${source}' }`);
  if (answer.kind === 'faults') throw new Error(answer.faults.map(({ fault }) => fault).join());
  const where = answer.configuration.features[0]?.where;
  if (where === undefined) throw new Error('There is no condition.');
  return where;
}

function faultOf(feature: string): string {
  const answer = checked(feature);
  return answer.kind === 'ok' ? 'ok' : answer.faults.map(({ line, path, fault, fix }) => `${line} ${path}: ${fault} ${fix}`).join('\n');
}

it('holds where the fields of the event say so', () => {
  const { holds, reads } = conditionOf('total >= 100 && currency == "GBP" && !gift');
  expect(reads).toEqual(['currency', 'gift', 'total']);
  expect(holds({ total: 100, currency: 'GBP', gift: false })).toBe(true);
  expect(holds({ total: 99.99, currency: 'GBP', gift: false })).toBe(false);
  expect(holds({ total: 100, currency: 'EUR', gift: false })).toBe(false);
});

it.each([{}, { total: null }, { total: 'many' }, { total: Number.NaN }, { total: [100] }])(
  'does not hold where a field is missing or is of another type: %o',
  (fields) => {
    expect(conditionOf('total >= 100').holds(fields)).toBe(false);
    expect(conditionOf('!(total >= 100)').holds(fields)).toBe(false);
    expect(conditionOf('total < 100 || currency == "GBP"').holds({ ...fields, currency: 'GBP' })).toBe(true);
  },
);

it.each<[string, string]>([
  ['{ count: Bought, where: totl > 1 }', '7 features.f.where: There is no field totl of the event that a condition can read. Did you mean total?'],
  ['{ count: Bought, where: total = 1 }', '7 features.f.where: = does not compare. Write == for is equal to.'],
  ['{ count: Bought, where: total }', '7 features.f.where: total is a number, not a condition. Compare it, such as orders > 0.'],
  ['{ count: Bought, where: lines == 1 }', 'There is no field lines of the event that a condition can read.'],
  ['{ count: Bought, where: currency == 1 }', 'Compare numbers with numbers and texts with texts in quotes.'],
  ['{ count: Bought, where: traits.country == "GB" }', '7 features.f.where: '],
  ['{ count: Bought, where: currency.matches("G") }', 'matches is refused'],
  ['{ count: Bought, where: [1] }', '7 features.f.where: This is not a text.'],
  [
    '{ count: Bought, window: 2y }',
    '7 features.f.window: 2y is longer than a year, the longest window. Write at most 365d, or leave the window out: then all time counts.',
  ],
  ['{ count: Bought, window: 90s }', '7 features.f.window: 90s is not a whole number of minutes. Write minutes, hours or days, such as 15m, 2h or 90d.'],
  ['{ sum: currency, of: Bought }', '7 features.f.sum: currency is a string, and sum needs a number. Name a field with type: number.'],
  ['{ decayed_count: Bought, half_life: 30m }', '7 features.f.half_life: 30m is no half-life that can be kept. Write a duration from 1h to 365d, such as 30d.'],
  ['{ decayed_count: Bought, half_life: -1d }', '7 features.f.half_life: -1d is not a duration. Write a duration from 1h to 365d, such as 30d.'],
  ['{ rate: Bought, per: Seen }', '7 features.f.per: There is no event Seen.'],
  ['{ percentile: total, of: Bought, p: 101 }', '7 features.f.p: This is more than 100. Write at most 100.'],
  ['{ percentile: total, of: Bought, p: 0 }', '7 features.f.p: This is less than 0. Write more than 0.'],
  ['{ streak: Bought, every: month }', '7 features.f.every: month is not a word known here.'],
])('is refused with what to write instead: %s', (feature, says) => {
  expect(faultOf(feature)).toContain(says);
});

it.each(['1m', '60s', '2h', '365d', '1y'])('a window of %s is one', (window) => {
  expect(faultOf(`{ count: Bought, window: ${window} }`)).toBe('ok');
});
