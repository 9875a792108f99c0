import Rudder from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, featureOf, newFolder, type Running, started, untilCounted, withProcesses } from './attune-process.fixture.ts';

vi.setConfig(withProcesses);

const ORDER = { order_id: 'A1', total: 24.5, products: [] };
let attune: Running;
beforeAll(async () => {
  attune = await started(newFolder());
});
afterAll(cleanUp);

test("Segment's own client moves a profile, unchanged", { timeout: 30_000 }, async () => {
  const client = new Analytics({ writeKey: 'demo', host: attune.address, flushAt: 2 });
  const faults: unknown[] = [];
  client.on('error', (fault) => faults.push(fault));
  client.identify({ userId: 'sue', traits: { email: 'sue@example.com' } });
  client.track({ userId: 'sue', event: 'Order Completed', properties: ORDER });
  client.track({ userId: 'sue', event: 'Order Completed', properties: {} });
  await client.closeAndFlush();
  expect(faults).toEqual([]);
  expect(featureOf(await untilCounted(attune.address, 'sue', 2), 'orders')).toBe(1);
});

test("RudderStack's own client moves a profile, unchanged", { timeout: 30_000 }, async () => {
  const client = new Rudder('demo', { dataPlaneUrl: attune.address, flushAt: 10 });
  client.identify({ userId: 'rob', traits: { email: 'rob@example.com' } });
  client.track({ userId: 'rob', event: 'Order Completed', properties: ORDER });
  await client.flush();
  expect(featureOf(await untilCounted(attune.address, 'rob', 2), 'orders')).toBe(1);
});
