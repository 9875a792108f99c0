import { expect, test } from 'vitest';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';
import { shopFacts } from './shop-facts.ts';

test('the example shop tells units and meanings of its features and the rules of its segments', () => {
  const { units, meanings, rules, recommenders, currency } = shopFacts(readConfiguration(EXAMPLE).configuration);
  expect(currency).toBe('GBP');
  expect(units).toEqual({ spend_90d: 'money', lost_to_cancel: 'money', days_since_order: 'days', usual_gap_days: 'days' });
  expect(meanings['spend_90d']).toEqual({ kind: 'sum', event: 'Order Completed', field: 'total', windowMs: 90 * 86_400_000 });
  expect(rules['vip']).toBe('spend_90d >= 1500');
  expect(recommenders).toEqual(['also_bought', 'beside_cart']);
});
