import { expect, test } from 'vitest';
import { Configurations } from './configurations.ts';
import { testKinds } from './test-kinds.fixture.ts';

const document = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes:
  service: { basis: contract, keep: 2y, tell: { en: serve } }
  personalise: { basis: legitimate_interest, keep: 2y, tell: { en: choose } }
events: { Order Completed: {} }
features: { orders: { count: Order Completed } }
segments: { regular: orders > 2 }
campaigns: { hello: { purpose: service, start: { when: enters, segment: regular }, message: hello, channels: [email] } }
`;

test('a document that would be refused at a start by now is read where a log holds it, so that what was folded under it is folded again', () => {
  const configurations = new Configurations(testKinds);
  expect(() => configurations.accept(document)).toThrow(/attune\.yaml:9:\d+ regular may not be used for service/);
  expect(configurations.of(document).campaigns).toHaveLength(1);
  expect(() => configurations.accept(document)).toThrow(/may not be used/);
  expect(() => configurations.of(document.replace('orders > 2', 'order > 2'))).toThrow(/There is no feature order/);
});

test('a document is compiled once, also when it is folded under after it was accepted', () => {
  const configurations = new Configurations(testKinds);
  const accepted = configurations.accept(document.replace('purpose: service', 'purpose: personalise'));
  expect(configurations.of(document.replace('purpose: service', 'purpose: personalise'))).toBe(accepted);
});
