import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { addEntry } from './domain/read-model.ts';
import { type PageWorld, pageWorld } from './page.fixture.ts';
import { letter } from './page-inbox.fixture.ts';

const GZIPPED_MAX = 120_000;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? process.env['CHROMIUM_PATH'];
const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));
const views = ['live', 'live/kind_rejected', 'customers', 'customers/p_0', 'decision/d_7f3a', 'segments', 'segments/vip', 'campaigns', 'outbox', 'outbox/m0'];

let folder: string;
let browser: Browser | undefined;
let world: PageWorld;
let page: Page;
let faults: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-page-'));
  await build({ configFile, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  if (CHROMIUM !== undefined) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async (context) => {
  if (browser === undefined && context.task.name !== weighs) context.skip('no Chromium on this machine: install it, or name it in CHROMIUM_PATH');
  world = await pageWorld(folder);
});
afterEach(async () => {
  await page?.context().close();
  await world.close();
});

/** A reader with a screen of this width. */
async function open(address: string, { width = 1280, colorScheme = 'light' as 'light' | 'dark', locale = 'en-GB' } = {}): Promise<void> {
  const context = await (browser ?? expect.unreachable()).newContext({
    viewport: { width, height: 900 },
    colorScheme,
    locale,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await context.newPage();
  faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', ({ message }) => faults.push(message));
  await page.goto(`${world.url}/#/${address}`);
  await page.getByText('214').first().waitFor();
}

/** Goes on within the page, and waits until everything is read. */
async function goTo(address: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${address}`);
  await expect.poll(() => page.locator('main .card').count()).toBeGreaterThan(0);
  await expect.poll(() => page.getByText(/Reading…|Membaca…/).count()).toBe(0);
}

const weighs = 'the whole page weighs less than 120 kB gzipped';
test(weighs, () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + gzipSync(readFileSync(join(parentPath, name))).length, 0);
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeLessThan(GZIPPED_MAX);
});

test.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('at %i px in %s every view fits, says nothing in the console and is labelled', async (width, colorScheme) => {
  await open('live', { width, colorScheme });
  for (const view of views) {
    await goTo(view);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), view).toBeLessThanOrEqual(0);
    expect(await unlabelled(), view).toEqual([]);
  }
  expect(faults).toEqual([]);
});

/** What a screen reader could not name, and headings and landmarks that are not there once. */
const unlabelled = (): Promise<string[]> =>
  page.evaluate(() => {
    const said = (it: Element): string => (it.getAttribute('aria-label') ?? '') + (it.textContent ?? '').trim() + (it.getAttribute('title') ?? '');
    const nameless = [...document.querySelectorAll('button, a, iframe, svg[role=img], progress, [role=img]')].filter((it) => said(it) === '');
    const inputs = [...document.querySelectorAll('input')].filter((it) => (it.labels?.length ?? 0) === 0);
    const once = ['h1', 'main', 'header', 'nav', 'footer'].filter((it) => document.querySelectorAll(it).length !== 1);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return [...nameless, ...inputs]
      .map((it) => it.outerHTML.slice(0, 120))
      .concat(
        once,
        ids.filter((id, i) => ids.indexOf(id) !== i),
      );
  });

test('text has a contrast of at least 4.5 in light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await open('customers/p_0', { colorScheme });
    await goTo('customers/p_0');
    for (const [ink, ground] of [
      ['--ink', '--card'],
      ['--note', '--card'],
      ['--note', '--sunk'],
      ['--note', '--ground'],
      ['--accent', '--card'],
      ['--accent', '--accent-soft'],
      ['--on-accent', '--accent'],
      ['--good', '--good-soft'],
      ['--bad', '--bad-soft'],
      ['--warn', '--card'],
    ] as const)
      expect(await contrast(ink, ground), `${ink} on ${ground}, ${colorScheme}`).toBeGreaterThanOrEqual(4.5);
    await page.context().close();
  }
});

/** Contrast of two of the page's colours by WCAG 2. */
const contrast = (ink: string, ground: string): Promise<number> =>
  page.evaluate(
    (names) => {
      const [a = 0, b = 0] = names.map((name) => {
        const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
        const wide = hex.length === 3 ? [...hex].map((it) => it + it).join('') : hex;
        const [red = 0, green = 0, blue = 0] = [0, 2, 4]
          .map((i) => Number.parseInt(wide.slice(i, i + 2), 16) / 255)
          .map((it) => (it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
      });
      return Math.max(a, b) / Math.min(a, b);
    },
    [ink, ground],
  );

test('recompute asks again and shows that the decision is identical', async () => {
  await open('decision/d_7f3a');
  await page.getByText('£1.56').waitFor();
  expect(await page.getByText('identical', { exact: false }).count()).toBe(0);
  await page.getByRole('button', { name: 'Recompute' }).click();
  await page.getByText('= identical').waitFor();
});

test('the language switch speaks Indonesian, with its numbers, and remembers it', async () => {
  await open('campaigns');
  await page.getByText('1,210').first().waitFor();
  await page.getByRole('button', { name: 'Bahasa Indonesia' }).click();
  await page.getByRole('link', { name: 'Kampanye' }).waitFor();
  await page.getByText('1.210').first().waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('id');
  await page.reload();
  await page.getByRole('link', { name: 'Pelanggan' }).waitFor();
});

test('a browser that asks for Indonesian gets it', async () => {
  await open('live', { locale: 'id-ID' });
  await page.getByRole('link', { name: 'Kotak keluar' }).waitFor();
});

test('a campaign of a replay adds up and says that its true effect is zero', async () => {
  await open('campaigns');
  const campaign = page.getByRole('region', { name: 'welcome_back' });
  await campaign.getByText('1,024 messages of 1,024 decisions to send one ✓ adds up').waitFor();
  expect(await campaign.getByText('adds up').count()).toBeGreaterThanOrEqual(2);
  await campaign.getByText('replayed history: the true effect is zero').waitFor();
  for (const text of ['lift +0.3 points', '19.5% (92 of 471)', '−7.4 to +9.8, whenever you look']) await campaign.getByText(text).waitFor();
});

test('the live feed leads to a customer and to a decision', async () => {
  await open('live');
  await page.getByRole('link', { name: 'why: decided: second_order_10' }).first().click();
  await page.getByRole('heading', { name: 'Candidates' }).waitFor();
  await page.goBack();
  await page.getByRole('link', { name: '13085' }).first().click();
  await page.getByRole('heading', { name: 'Customer 13085' }).waitFor();
});

test('a value that the purpose may not see says so', async () => {
  await open('customers/p_0');
  await page.getByText('withheld: not to be used for personalise').first().waitFor();
  await page.getByRole('button', { name: 'marketing' }).click();
  await page.getByText('ada@example.com').waitFor();
  await page.getByText('made up').first().waitFor();
});

test('what would be recommended to a customer stands beside what is known, each item with its reason', async () => {
  await open('customers/p_0');
  await page.getByText('bought together with WHITE HANGING HEART').waitFor();
  await page.getByRole('listitem').filter({ hasText: '84879' }).getByText('popular').waitFor();
});

const arrival = (n: number) =>
  ({
    kind: 'event',
    id: `event/new${n}`,
    atMs: Date.UTC(2026, 2, 14, 13),
    profileId: 'p_new',
    customer: `new-${n}`,
    name: 'Order Completed',
    lines: 1,
    fields: {},
  }) as const;

test('new entries come in at the top, and wait while the pointer is on the list', async () => {
  await open('live');
  addEntry(world.model, arrival(1));
  await page.getByRole('link', { name: 'new-1' }).waitFor();
  await page.getByRole('list', { name: 'Feed' }).hover();
  addEntry(world.model, arrival(2));
  await page.getByText('1 new').waitFor();
  expect(await page.getByRole('link', { name: 'new-2' }).count()).toBe(0);
  await page.mouse.move(5, 5);
  await page.getByRole('link', { name: 'new-2' }).waitFor();
});

test('a lost connection shows, and heals when the process is back', async () => {
  await open('live');
  const { url } = world;
  await world.close();
  await page.getByText('Connection lost').waitFor();
  world = await pageWorld(folder, { port: Number(new URL(url).port) });
  await expect.poll(() => page.getByText('Connection lost').count(), { timeout: 15_000 }).toBe(0);
});

test('a mail is shown in a frame that runs no script, with links that open beside the page, as text and as source', async () => {
  await open('outbox/m0');
  const frame = page.locator('iframe');
  await frame.waitFor();
  expect((await frame.getAttribute('sandbox'))?.split(' ').toSorted()).toEqual(['allow-popups', 'allow-popups-to-escape-sandbox']);
  await page.frameLocator('iframe').getByText('Thank you, Ada.').waitFor();
  await page
    .context()
    .route('https://example.com/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>New</h1><script>document.title = opener === null ? "alone" : "held"</script>' }),
    );
  const [beside] = await Promise.all([page.waitForEvent('popup'), page.frameLocator('iframe').getByText('See what is new').click()]);
  await beside.getByRole('heading', { name: 'New' }).waitFor();
  expect([beside.url(), await beside.title()]).toEqual(['https://example.com/', 'alone']);
  await page.getByRole('button', { name: 'Source' }).click();
  await page.getByText('Subject: Ten per cent off').waitFor();
  await page.getByRole('link', { name: 'Why it was sent' }).click();
  await page.getByRole('heading', { name: 'Candidates' }).waitFor();
});

test("a customer's inbox counts what is unread, live, and a message that is opened counts as read", async () => {
  await open('customers/p_0');
  const unread = (n: number) => page.getByRole('status', { name: `${n} unread` });
  await unread(1).waitFor();
  world.letters.unshift(letter('m_2', 'Something new for you'));
  await unread(2).waitFor();
  await page.getByRole('button', { name: /^Inbox/ }).click();
  await page.getByText('Something new for you').click();
  await page.getByText('thank you.').first().waitFor();
  await unread(1).waitFor();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await unread(0).waitFor();
  await page.getByRole('button', { name: 'Bahasa Indonesia' }).click();
  await page.getByRole('heading', { name: 'Kotak masuk' }).waitFor();
  expect(faults).toEqual([]);
});

test('the command to try can be copied', async () => {
  await open('live');
  await page.getByRole('button', { name: /^Copy: curl.*Order Completed/ }).click();
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl -u demo: http:.*\/v1\/track/);
});

test('the policy forbids scripts that are not files of the page', async () => {
  await open('live');
  const answer = await page.request.get(`${world.url}/`);
  expect(answer.headers()['content-security-policy']).toMatch(/default-src 'self'; script-src 'self';/);
  expect(await answer.text()).not.toMatch(/<script(?![^>]*src=)/);
});

test('where nothing has happened each view teaches what to do', async () => {
  await world.close();
  world = await pageWorld(folder, { story: false });
  const context = await (browser ?? expect.unreachable()).newContext({ locale: 'en-GB' });
  page = await context.newPage();
  for (const [view, words] of [
    ['live', 'Send an event with the command'],
    ['live/kind_rejected', 'leave order_id out'],
    ['customers', 'No customer has this identifier'],
    ['segments', 'Write one under segments'],
    ['campaigns', 'A campaign decides when'],
    ['outbox', 'Mails stay on this machine'],
  ]) {
    await page.goto(`${world.url}/#/${view}`);
    await page.getByText(words ?? '').waitFor();
  }
});
