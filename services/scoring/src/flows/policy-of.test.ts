import { expect, test } from 'vitest';
import { policyOf } from './policy-of.ts';
import { campaignOf, configurations, smallPolicy, smallShop } from './shops.fixture.ts';

const withCondition = (who: string) => policyOf(configurations.of(smallShop.replace('message: all, value: 10', `who: '${who}', message: all, value: 10`)));
const segmentsOf = (who: string) => campaignOf('choice', withCondition(who)).offers.find(({ name }) => name === 'for_all')?.who?.segments;

test('a condition asks about the segments that it names, and about all where it goes through them', () => {
  expect(segmentsOf('orders > 1')).toEqual([]);
  expect(segmentsOf('"regular" in segments && !("curious" in segments)')).toEqual(['curious', 'regular']);
  expect(segmentsOf('segments.exists(s, s == "regular")')).toBe('all');
  expect(segmentsOf('"regular" in segments && size(segments) > 1')).toBe('all');
  expect(segmentsOf('traits.country in segments')).toBe('all');
});

test('a segment may be used for what its inputs may be used for', () => {
  expect(smallPolicy.segmentPurposesOf.get('regular')).toEqual(['personalise', 'marketing']);
  expect(smallPolicy.segmentPurposesOf.get('curious')).toEqual(['service']);
  expect(smallPolicy.purposesOf.get('traits.country')).toEqual(['marketing']);
});

test('only a contract or the law needs no consent', () => {
  expect([...smallPolicy.needsNoConsent]).toEqual(['service']);
});

test('the offers of a campaign come sorted by name, whatever the order in the document', () => {
  expect(campaignOf('choice').offers.map(({ name }) => name)).toEqual(['for_all', 'for_askers', 'for_curious', 'for_regulars', 'for_spenders']);
});
