import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { expect, it } from 'vitest';
import { checkConfiguration } from './check.ts';
import { testKinds } from './test-kinds.fixture.ts';

const documentWith = (feature: string, segment = 'true'): string => `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: it } } }
events:
  Bought:
    role: purchase
    lines: { each: products, item: sku, quantity: pieces, price: price }
    fields: { total: { type: number }, currency: { type: string }, products: { type: list, fields: { price: { type: number, decimals: 3 }, sort: { type: string } } }, tags: { type: list } }
  Seen: { role: view, item: sku, fields: { sku: { type: string } } }
  Found: { role: view }
features:
  f: ${feature}
segments: { s: '${segment}' }
`;
const checked = (feature: string, segment?: string) => checkConfiguration({ text: documentWith(feature, segment), file: 'attune.yaml', kinds: testKinds });

function declared(feature: string): FeatureDeclaration | undefined {
  const answer = checked(feature);
  if (answer.kind === 'faults') throw new Error(answer.faults.map(({ fault, fix }) => `${fault} ${fix}`).join('\n'));
  return answer.configuration.features[0];
}

function faultOf(feature: string, segment?: string): string {
  const answer = checked(feature, segment);
  return answer.kind === 'ok' ? 'ok' : answer.faults.map(({ path, fault, fix }) => `${path}: ${fault} ${fix}`).join('\n');
}

it.each<[string, Partial<FeatureDeclaration>]>([
  ['{ sum: price, of: Bought, each: products }', { field: 'price', each: 'products', decimals: 3 }],
  ['{ sum: quantity, of: Bought }', { field: 'pieces', each: 'products', decimals: 2 }],
  ['{ sum: total, of: Bought, each: products, by: sort }', { field: 'total', each: 'products', by: 'sort' }],
  ['{ top_k: item, of: role.purchase, k: 3, weight: pieces }', { event: 'Bought', field: 'sku', each: 'products', k: 3, weight: 'pieces' }],
  ['{ top_k: item, of: Seen, k: 3 }', { event: 'Seen', field: 'sku' }],
  ['{ unique_count: tags, of: Bought, each: tags }', { field: 'tags', each: 'tags' }],
  ['{ rate: role.purchase, per: Seen }', { event: 'Bought', per: 'Seen' }],
])('reads lines, lists and roles: %s', (feature, wanted) => {
  expect(declared(feature)).toMatchObject(wanted);
});

it('lets a condition ask about the entries of a list and about their event', () => {
  const where = declared('{ count: Bought, each: products, where: price >= 20 && sort == "Mugs" && currency == "GBP" }')?.where;
  expect(where?.holds({ price: 20, sort: 'Mugs', currency: 'GBP' })).toBe(true);
  expect(where?.holds({ price: 20, sort: 'Mugs' })).toBe(false);
});

it.each<[string, string]>([
  ['{ count: Bought, each: total }', 'features.f.each: total is a number, and each needs a list. Name a field with type: list, or remove each.'],
  ['{ count: Bought, each: product }', 'features.f.each: There is no field of Bought named product. Did you mean products?'],
  ['{ sum: weight, of: Bought, each: products }', 'features.f.sum: There is no field of Bought or of an entry of its products named weight.'],
  ['{ sum: sort, of: Bought, each: products }', 'features.f.sum: sort is a string, and sum needs a number. Name a field with type: number.'],
  ['{ count: Bought, by: products }', 'features.f.by: products is a list, and by needs a name.'],
  ['{ count: Bought, by: sorts }', 'features.f.by: There is no field of Bought named sorts.'],
  ['{ top_k: item, of: Bought, k: 3, weight: sku }', 'features.f.weight: sku is a string, and weight needs a number.'],
  ['{ top_k: products, of: Bought, k: 3 }', 'features.f.top_k: products is a list, and top_k needs a text or a number.'],
  ['{ top_k: item, of: Bought, k: 101 }', 'features.f.k: This is more than 100. Write at most 100.'],
  ['{ top_k: item, of: role.view, k: 3 }', 'features.f.of: 2 events have the role view: Seen, Found. Name one of them.'],
  ['{ count: role.refund }', 'features.f.count: No event has the role refund. Give an event that role, or name an event.'],
  ['{ rate: Bought, per: Seen, each: products }', 'features.f.each: rate reads two events, and each is a list of one. Remove each.'],
  ['{ recent_items: Bought, by: currency }', 'features.f.by: recent_items has its items from the event. Remove by.'],
  [
    '{ unique_count: currency, of: Bought, window: 90d, by: currency }',
    'features.f: f could keep 172 kB of a customer; 131 kB is the most. Remove by, or choose a shorter window, a smaller k or another kind.',
  ],
])('refuses with what to write instead: %s', (feature, says) => {
  expect(faultOf(feature)).toContain(says);
});

it.each<[string, string, string]>([
  ['{ sum: quantity, of: Bought, by: sort }', 'f["Mugs"] > 3 && "Mugs" in f', 'ok'],
  ['{ top_k: item, of: Bought, k: 3 }', '"m1" in f && size(f) > 1', 'ok'],
  ['{ top_k: item, of: Bought, k: 3, by: sort }', '"m1" in f["Mugs"]', 'ok'],
  ['{ sum: quantity, of: Bought, by: sort }', 'f > 3', 'mixes types'],
  ['{ top_k: item, of: Bought, k: 3 }', '1.5 in f', 'mixes types'],
])('types lists and values by name in conditions: %s, %s', (feature, segment, says) => {
  expect(faultOf(feature, segment)).toContain(says);
});
