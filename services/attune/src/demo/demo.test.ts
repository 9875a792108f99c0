import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packOnlineRetail } from '../../../../tools/pack-online-retail.ts';
import { type DemoPorts, openDemo } from './demo.ts';

const START_MS = Date.UTC(2026, 5, 15, 9);
const DAY_MS = 86_400_000;
const DAYS = 28;
/** An order a day, each of another customer. */
const rows = Array.from(
  { length: DAYS },
  (_, day) => `${500_000 + day},10002,1,2010-02-${String(day + 1).padStart(2, '0')} 10:00:00,1.25,${12_000 + day},France`,
);
const pack = packOnlineRetail(['invoice,sku,qty,date,price,customer,country', ...rows].join('\n'), 'sku,description');
const EVENTS = 3 * DAYS;
let dataFolder: string;
let elapsedMs = 0;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'attune-demo-'));
  writeFileSync(join(dataFolder, 'small.br'), brotliCompressSync(pack.text));
  elapsedMs = 0;
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

const stopwatch = {
  elapsedMs: () => elapsedMs,
  sleep: async (ms: number) => {
    elapsedMs += ms;
  },
};
const open = () =>
  openDemo({ dataFolder, packFile: join(dataFolder, 'small.br'), currency: 'GBP', systemClock: { nowMs: () => START_MS + Math.floor(elapsedMs) }, stopwatch });
const ports = (more: Partial<DemoPorts> = {}): DemoPorts => ({
  tenant: 'default',
  publish: async (_, calls) => calls.map(() => ({ kind: 'accepted' })),
  recordConsent: async () => undefined,
  publishItems: async () => undefined,
  settled: async () => undefined,
  ...more,
});

test('the demo begins long ago and is told to be at its beginning', () => {
  const demo = open();
  expect(START_MS - demo.clock.nowMs()).toBeGreaterThan((DAYS - 1) * DAY_MS);
  expect(demo.progress()).toMatchObject({ atMs: demo.clock.nowMs(), publishedEvents: 0, totalEvents: EVENTS, done: false });
});

test('a demo that is stopped keeps its shift and its place, weeks later too', async () => {
  const stop = new AbortController();
  const first = open();
  const settled = async (): Promise<void> => (first.progress().publishedEvents > 20 ? stop.abort() : undefined);
  await first.run(ports({ signal: stop.signal, settled }));
  elapsedMs += 30 * DAY_MS;
  const second = open();
  expect(second.progress()).toMatchObject({ ...first.progress(), toMs: expect.any(Number) });
  expect(second.clock.nowMs()).toBe(first.clock.nowMs());
  const report = await second.run(ports());
  expect(report).toEqual({ publishedEvents: EVENTS, rejected: new Map(), done: true });
});

test('the products are published before the year, and not again by a start that goes on', async () => {
  const told: string[] = [];
  const stop = new AbortController();
  const first = open();
  const publishItems: DemoPorts['publishItems'] = async (items) => told.push(`${items.length} items`);
  const publish: DemoPorts['publish'] = async (_, calls) => {
    told.push('events');
    return calls.map(() => ({ kind: 'accepted' }));
  };
  const settled = async (): Promise<void> => (first.progress().publishedEvents > 0 ? stop.abort() : undefined);
  await first.run(ports({ publishItems, publish, settled, signal: stop.signal }));
  expect(told.slice(0, 2)).toEqual([expect.stringMatching(/^[1-9]\d* items$/), 'events']);
  await open().run(ports({ publishItems }));
  expect(told.filter((one) => one.endsWith('items'))).toHaveLength(1);
});

test('once replayed, the demo opens on the system clock', async () => {
  await open().run(ports());
  elapsedMs += DAY_MS;
  const again = open();
  expect(again.progress()).toMatchObject({ done: true, publishedEvents: EVENTS });
  expect(again.clock.nowMs()).toBe(START_MS + Math.floor(elapsedMs));
});

test('a cursor that is damaged is named with its fix', () => {
  writeFileSync(join(dataFolder, 'replay.json'), '{"startMs": 1}');
  expect(open).toThrow('--fresh');
});
