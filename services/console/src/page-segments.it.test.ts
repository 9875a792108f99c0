import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PageWorld, pageWorld } from './page.fixture.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? process.env['CHROMIUM_PATH'];
const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

let folder: string;
let browser: Browser | undefined;
let world: PageWorld;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-page-'));
  if (CHROMIUM === undefined) return;
  await build({ configFile, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async (context) => {
  if (browser === undefined) return context.skip('no Chromium on this machine: install it, or name it in CHROMIUM_PATH');
  world = await pageWorld(folder);
  const reader = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  page = await reader.newPage();
});
afterEach(async () => {
  await page?.context().close();
  await world?.close();
});

test('segments show their sizes, and one how it grew and who is in it for a purpose, page by page', async () => {
  await page.goto(`${world.url}/#/segments`);
  await page.getByRole('row', { name: /first_timer 611 personalise, marketing orders == 1/ }).waitFor();
  await page.getByRole('link', { name: 'vip' }).click();
  await page.getByRole('img', { name: /^Chart: customers in vip\. From \d+ to 87, highest 127\.$/ }).waitFor();
  await page.getByText('20 named').waitFor();
  await page.getByRole('button', { name: 'Name more' }).click();
  await page.getByText('40 named').waitFor();
  expect(await page.getByRole('button', { name: 'Name more' }).count()).toBe(0);
  await page.getByRole('button', { name: 'marketing' }).click();
  await page.getByText('20 named 3 left out: they do not allow marketing').waitFor();
  await page.getByRole('link', { name: 'p_0', exact: true }).click();
  await page.getByRole('heading', { name: 'Customer 13085' }).waitFor();
});

test('a customer is told why not: what holds, what misses by how much, what is not there, and what is withheld', async () => {
  await page.goto(`${world.url}/#/customers/p_0`);
  await page.getByText('lapsing').click();
  const parts = page.getByRole('list', { name: 'What lapsing asks' }).getByRole('listitem');
  await parts.first().waitFor();
  expect((await parts.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
    '✗ does not hold orders >= 3 && days_since_order > 1.5 * usual_gap_days',
    '✓ holds orders >= 3 orders: 7',
    '✗ does not hold days_since_order > 30 days_since_order: 3 days misses by 27',
    expect.stringMatching(/^\? not known days_since_order > 1\.5 \* usual_gap_days usual_gap_days: /),
  ]);
  await page.getByText('Time alone changes the answer on 11 Apr 2026').waitFor();
  await page.getByRole('button', { name: 'service' }).click();
  await page.getByText('lapsing').click();
  await page.getByText(/orders: withheld/).waitFor();
});
