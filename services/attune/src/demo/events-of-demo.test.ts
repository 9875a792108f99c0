import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfiguration } from '@attune/configuration/check';
import type { Configuration } from '@attune/configuration/configuration';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { expect, test } from 'vitest';
import { eventsOfDemo, type TrackingCall } from './events-of-demo.ts';
import { type DemoOrder, readOnlineRetail } from './online-retail.ts';

const BARN = join(import.meta.dirname, '../../../../examples/gift-barn');
const SHIFT = { shiftMs: 7 * 86_400_000, currency: 'GBP' };
const orders = readOnlineRetail(join(BARN, 'data/online-retail.br'));
const bytesOf = ({ body }: TrackingCall): number => Buffer.byteLength(JSON.stringify(body));
const callsOf = (some: readonly DemoOrder[]): TrackingCall[] =>
  eventsOfDemo(some, SHIFT).events.flatMap((event) => (event.kind === 'call' ? [event.call()] : []));

const anOrder = (more: Partial<DemoOrder> = {}): DemoOrder => ({
  ...{ invoice: '500001', customer: '12345', atMs: Date.UTC(2010, 0, 5, 9, 30), kind: 'order', total: 12.5, country: 'France' },
  lines: [{ sku: '10002', description: 'INFLATABLE GLOBE', quantity: 10, price: 1.25 }],
  ...more,
});

function giftBarn(): Configuration {
  const file = join(BARN, 'attune.yaml');
  const checked = checkConfiguration({ text: readFileSync(file, 'utf8'), file, kinds: featureKindSpecs });
  if (checked.kind === 'faults') throw new Error(JSON.stringify(checked.faults));
  return checked.configuration;
}

/** What breaks the contract; an independent reading of it. */
function faultsOf({ type, body }: TrackingCall, { events, traits, purposes }: Configuration): string[] {
  if (type === 'identify') {
    const given = Object.entries(body['traits'] as Record<string, unknown>);
    return given.flatMap(([name, value]) => {
      const declared = traits[name];
      const fits = typeof value === 'string' && value !== '' && (declared?.enum?.includes(value) ?? true);
      return declared !== undefined && fits && declared.purposes.every((purpose) => purpose in purposes) ? [] : [`trait ${name}`];
    });
  }
  const fields = events[String(body['event'])]?.fields;
  const properties = body['properties'] as Record<string, unknown>;
  if (fields === undefined) return [`event ${body['event']}`];
  const undeclared = Object.keys(properties).filter((name) => !(name in fields));
  const wrong = Object.entries(fields).filter(([name, { type: expected, min, max, required }]) => {
    const value = properties[name];
    if (value === undefined) return required;
    if (expected === 'list') return !Array.isArray(value) || value.length === 0 || value.length > (max ?? value.length);
    return typeof value !== expected || (typeof value === 'number' && !(value >= (min ?? value) && Number.isInteger(Math.round(value * 1e6) / 1e4)));
  });
  return [...undeclared, ...wrong.map(([name]) => `field ${name}`)];
}

test('every event of the demo fits the contract of the shop and into 32 KiB', () => {
  const configuration = giftBarn();
  const calls = callsOf(orders);
  expect(calls.flatMap((call) => faultsOf(call, configuration))).toEqual([]);
  expect(Math.max(...calls.map(bytesOf))).toBeLessThan(32 * 1024);
  expect(new Set(calls.map(({ body }) => body['messageId'])).size).toBe(calls.length);
  expect(configuration.purposes).toHaveProperty('marketing');
});

test('the year is told in order of time, and counted', () => {
  const { events, counts } = eventsOfDemo(orders, SHIFT);
  expect(counts).toEqual({ customers: 4_334, orders: 18_437, cancellations: 4_247, leftOut: 2, capped: 0 });
  expect(events).toHaveLength(2 * 4_334 + 18_437 + 4_247);
  const times = events.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a customer is introduced once, at the first order', () => {
  const { events } = eventsOfDemo([anOrder(), anOrder({ invoice: '500002', atMs: Date.UTC(2010, 0, 6) })], SHIFT);
  expect(events.map((event) => (event.kind === 'call' ? event.call().body['messageId'] : event.consent.messageId))).toEqual([
    'online-retail/12345/traits',
    'online-retail/12345/consent',
    'online-retail/500001',
    'online-retail/500002',
  ]);
  expect(events.slice(0, 3).every(({ atMs }) => atMs === Date.UTC(2010, 0, 12, 9, 30))).toBe(true);
});

test('an order becomes the event that shops send', () => {
  expect(callsOf([anOrder()])[1]).toEqual({
    type: 'track',
    body: {
      type: 'track',
      event: 'Order Completed',
      messageId: 'online-retail/500001',
      userId: '12345',
      timestamp: '2010-01-12T09:30:00.000Z',
      properties: {
        order_id: '500001',
        total: 12.5,
        currency: 'GBP',
        products: [{ product_id: '10002', name: 'INFLATABLE GLOBE', quantity: 10, price: 1.25 }],
      },
    },
  });
});

test('a cancellation tells what was given back, and no lines', () => {
  const [, call] = callsOf([anOrder({ kind: 'cancellation', invoice: 'C500001' })]);
  expect(call?.body).toMatchObject({ event: 'Order Cancelled', properties: { order_id: 'C500001', total: 12.5 } });
  expect(call?.body['properties']).not.toHaveProperty('products');
});

test('an order that is worth nothing is left out, its customer with it', () => {
  expect(eventsOfDemo([anOrder({ total: 0 })], SHIFT)).toEqual({ events: [], counts: { customers: 0, orders: 0, cancellations: 0, leftOut: 1, capped: 0 } });
});

test.each([
  ['many short lines', 600, 'X', 500],
  ['fewer long lines', 400, 'É'.repeat(80), 0],
])('an order of %s loses some, keeps its total and fits', (_, count, description, keeps) => {
  const order = anOrder({ lines: Array.from({ length: count }, (_line, i) => ({ sku: `${i}`, description, quantity: 1, price: 1 })), total: count });
  expect(eventsOfDemo([order], SHIFT).counts.capped).toBe(1);
  const call = callsOf([order])[1] as TrackingCall;
  const properties = call.body['properties'] as { total: number; products: unknown[] };
  expect(properties.total).toBe(count);
  expect(bytesOf(call)).toBeLessThan(32 * 1024);
  if (keeps > 0) expect(properties.products).toHaveLength(keeps);
  else expect(bytesOf(call)).toBeGreaterThan(30 * 1024);
});
