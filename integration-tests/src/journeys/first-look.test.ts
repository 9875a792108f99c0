import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { type Decided, type Delivered, count as n, outcomes, whereabouts } from '../apart/shop-facts.ts';
import { AttuneProcess, eventually } from './attune-process.ts';
import { CUSTOMERS, LET_DOWN, YEAR } from './first-look-facts.ts';
import { FirstLook } from './first-look-page.ts';
import { LiveFeed, type SegmentChange } from './live-feed.ts';

interface Status {
  readonly replay: { readonly publishedEvents: number; readonly totalEvents: number; readonly done: boolean; readonly atMs: number };
  readonly lag: number;
  readonly rejected: number;
  readonly clockMs: number;
}

type Campaign = Decided & { readonly campaign: string };
type Deliveries = Delivered & { readonly campaign: string };

interface Entry {
  readonly kind: string;
  readonly atMs: number;
  readonly segment?: string;
  readonly campaign?: string;
  readonly state?: string;
}

interface Mail {
  readonly id: string;
  readonly decisionId: string;
}

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? process.env['CHROMIUM_PATH'];
const PICTURES = join(import.meta.dirname, '../../../docs/pictures');
const DAY_MS = 86_400_000;
const A_THIRD = YEAR.events / 3;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a newcomer starts it, watches a year of a shop go by, kills it twice and finds that everything adds up', { timeout: 360_000 }, async (context) => {
  if (CHROMIUM === undefined) context.skip('no Chromium on this machine: install it, or name it in CHROMIUM_PATH');
  const attune = await started();
  const look = await opened(attune.address);
  await watchesItMove(look);
  await diesAndComesBack(attune, look);
  const feed = new LiveFeed(attune.address);
  ends.push(() => feed.close());
  const { replay } = await eventually(
    () => statusOf(attune),
    (it) => it.replay.done,
  );
  expect(replay).toMatchObject({ publishedEvents: YEAR.events, totalEvents: YEAR.events });
  await eventsAddUp(attune, feed);
  await campaignsAddUp(attune);
  for (const customer of LET_DOWN) await apologisedTo(attune, customer);
  await decisionsComeOutAgain(attune, look);
  expect(byTime(feed.changes, 0, replay.atMs)).toBeGreaterThan(500); // or the two below would say nothing
  expect(byTime(feed.changes, replay.atMs - DAY_MS, replay.atMs)).toBeLessThan(ORDINARY_DAY_MAX);
  expect(byTime(feed.changes, replay.atMs, Number.POSITIVE_INFINITY)).toBeLessThan(ORDINARY_DAY_MAX);
  await orderMovesTheOpenPage(attune, look);
  await standsWhereItStood(attune);
});

/** On a port of its own, so that the open page finds it again. */
async function started(): Promise<AttuneProcess> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const attune = new AttuneProcess([], { ATTUNE_HTTP_PORT: String(port) });
  ends.push(() => attune.remove());
  await attune.start();
  return attune;
}

async function opened(address: string): Promise<FirstLook> {
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  ends.push(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 620 }, locale: 'en-GB' });
  const look = new FirstLook(page, process.env['ATTUNE_TEST_PICTURES'] === undefined ? undefined : PICTURES);
  await page.goto(address);
  return look;
}

const statusOf = (attune: AttuneProcess): Promise<Status> => attune.read<Status>('/console/api/status');

async function watchesItMove(look: FirstLook): Promise<void> {
  await look.page.getByText('embedded · 1 process').waitFor();
  await look.page.getByText('Order Completed').first().waitFor();
  const before = await look.share();
  await expect.poll(() => look.share(), { timeout: 30_000 }).toBeGreaterThan(before);
}

async function diesAndComesBack(attune: AttuneProcess, look: FirstLook): Promise<void> {
  await eventually(
    () => statusOf(attune),
    (it) => it.replay.publishedEvents > A_THIRD,
  );
  await look.picture('live');
  expect(look.faults).toEqual([]);
  const settled = await profileOf(attune, '13085');
  expect(settled.events).toBe('7'); // who they are and six orders in the first two months; the cancellation comes in October
  const { replay } = await statusOf(attune);
  await attune.end('SIGKILL');
  await look.page.getByText('Connection lost').waitFor();
  await attune.start();
  await expect.poll(() => look.page.getByText('Connection lost').count(), { timeout: 15_000 }).toBe(0);
  look.faults = [];
  const again = await statusOf(attune);
  expect(again.replay.done).toBe(false);
  expect(again.replay.publishedEvents).toBeGreaterThanOrEqual(replay.publishedEvents);
  expect((await profileOf(attune, '13085')).events).toBe(settled.events);
}

const profileOf = async (attune: AttuneProcess, userId: string) => {
  const asked = { subject: { userId }, purpose: 'personalise' };
  type Answer = { events: string; features: { name: string; value?: { number?: number } }[] };
  const { events, features } = await attune.call<Answer>('features.v1.FeatureStoreService/GetProfile', asked);
  return { events, orders: features.find(({ name }) => name === 'orders')?.value?.number ?? 0 };
};

/** Each event has had its effect once: over the whole log, and in the profiles of customers great and small. */
async function eventsAddUp(attune: AttuneProcess, feed: LiveFeed): Promise<void> {
  const { lag, rejected } = await statusOf(attune);
  expect({ lag, rejected }).toEqual({ lag: 0, rejected: 0 });
  const counted = () => ['identify', 'Order Completed', 'Order Cancelled'].map((name) => feed.eventsNamed(name));
  await expect.poll(counted, { timeout: 10_000 }).toEqual([YEAR.customers, YEAR.orders, YEAR.cancellations]);
  for (const [id, orders, cancellations] of CUSTOMERS)
    expect({ id, ...(await profileOf(attune, id)) }).toEqual({ id, orders, events: String(orders + cancellations + 1) });
}

const sum = (counts: readonly (string | undefined)[]): number => counts.reduce((total, it) => total + n(it), 0);

async function campaignsOf(attune: AttuneProcess) {
  const { campaigns } = await attune.call<{ campaigns: Campaign[] }>('scoring.v1.ScoringService/GetCampaignResults', {});
  const delivered = await attune.call<{ campaigns: Deliveries[] }>('notification.v1.NotificationService/GetDeliveryResults', {});
  return { campaigns, deliveries: delivered.campaigns };
}

/** The campaign that writes no mails. */
const IN_INBOX = 'vip_thanks';

/** A kill may leave a claim without outcome: then it is unknown whether the mail went out, and it is not sent again. */
async function campaignsAddUp(attune: AttuneProcess): Promise<void> {
  const { campaigns, deliveries } = await campaignsOf(attune);
  expect(campaigns.map(({ campaign }) => campaign).toSorted()).toEqual(['apology', 'vip_thanks', 'welcome_back']);
  for (const { campaign, ...decided } of campaigns) {
    expect(outcomes(decided), campaign).toBe(n(decided.entered));
    const delivered = deliveries.find((it) => it.campaign === campaign) ?? expect.unreachable();
    expect(whereabouts(delivered), campaign).toBe(sum([decided.offered, decided.messaged]));
    expect(n(delivered.sent), campaign).toBeGreaterThan(100);
    expect(sum([delivered.held, delivered.unknown]), campaign).toBeLessThan(50);
  }
  const mails = await allMails(attune);
  const mailed = deliveries.filter(({ campaign }) => campaign !== IN_INBOX);
  const sent = sum(mailed.map((it) => it.sent));
  expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
  expect(mails.length).toBeGreaterThanOrEqual(sent);
  expect(mails.length).toBeLessThanOrEqual(sent + sum(mailed.map((it) => it.unknown)));
}

async function allMails(attune: AttuneProcess): Promise<readonly Mail[]> {
  const all: Mail[] = [];
  for (let pageToken: string | undefined = ''; pageToken !== undefined; ) {
    const page: { mails?: Mail[]; nextPageToken?: string } = await attune.call('notification.v1.OutboxService/ListMails', { pageSize: 200, pageToken });
    all.push(...(page.mails ?? []));
    pageToken = page.nextPageToken;
  }
  return all;
}

async function timelineOf(attune: AttuneProcess, customer: string): Promise<readonly Entry[]> {
  const { customers } = await attune.read<{ customers: { profileId: string }[] }>(`/console/api/customers?query=${customer}`);
  return (await attune.read<{ timeline: Entry[] }>(`/console/api/customers/${customers[0]?.profileId}`)).timeline;
}

async function apologisedTo(attune: AttuneProcess, customer: string): Promise<void> {
  const timeline = await timelineOf(attune, customer);
  const sent = timeline.filter(({ kind, state }) => kind === 'delivery' && state === 'SENT');
  const letDown = timeline.filter(({ kind, segment }) => kind === 'entered' && segment === 'let_down');
  expect(letDown.length, customer).toBeGreaterThan(0);
  for (const { atMs } of letDown) {
    const after = sent.filter((it) => it.atMs >= atMs && it.atMs < atMs + 14 * DAY_MS).map(({ campaign }) => campaign);
    expect(after, customer).toContain('apology');
    expect(after, customer).not.toContain('welcome_back');
  }
}

/** The profile of a customer who was asked to come back. Who is held out, and where no offer is worth its cost, differs with each start. */
async function askedBack(attune: AttuneProcess, mails: readonly Mail[]): Promise<string> {
  for (const { decisionId } of mails) {
    const { decision } = await attune.call<{ decision: { offer?: string; profileId: string } }>('scoring.v1.ScoringService/ExplainDecision', { decisionId });
    if (decision.offer === 'we_miss_you_15') return decision.profileId;
  }
  return expect.unreachable('nobody was asked to come back');
}

const RECOMPUTED = 10;

async function decisionsComeOutAgain(attune: AttuneProcess, look: FirstLook): Promise<void> {
  const mails = await allMails(attune);
  const step = Math.floor(mails.length / RECOMPUTED);
  for (let i = 0; i < RECOMPUTED; i++) {
    const decisionId = mails[i * step]?.decisionId;
    expect(await attune.call('scoring.v1.ScoringService/ExplainDecision', { decisionId })).toMatchObject({ identical: true });
  }
  await look.page.goto(`${attune.address}/#/campaigns`);
  await look.page.getByText('replayed history: the true effect is zero').waitFor();
  await look.picture('campaigns');
  await look.page.getByRole('link', { name: 'Outbox' }).click();
  await look.page.frameLocator('iframe').getByText('Gift Barn').first().waitFor();
  await look.picture('outbox');
  await look.customer('14911');
  await look.picture('customer');
  await look.page.goto(`${attune.address}/#/customers/${await askedBack(attune, mails)}`);
  await look.page.getByRole('link', { name: 'why: decided: we_miss_you_15' }).first().click();
  await look.page.getByRole('button', { name: 'Recompute' }).click();
  await look.page.getByText('= identical').waitFor();
  await look.picture('decision');
}

/** Changes that no event brings: only the passing of days makes a customer lapse, or lets an old cancellation go. */
const byTime = (changes: readonly SegmentChange[], fromMs: number, toMs: number): number =>
  changes.filter(({ kind, segment, atMs }) => TIMED.includes(`${kind} ${segment}`) && atMs > fromMs && atMs <= toMs).length;
const TIMED = ['entered lapsing', 'left let_down', 'left vip'];
const ORDINARY_DAY_MAX = 40;

async function orderMovesTheOpenPage(attune: AttuneProcess, look: FirstLook): Promise<void> {
  await look.customer('13085');
  await expect.poll(() => look.feature('orders')).toBe('6');
  const properties = { order_id: 'after-the-year', total: 24.5, products: [] };
  await attune.track('track', { userId: '13085', event: 'Order Completed', properties });
  await expect.poll(() => look.feature('orders'), { timeout: 10_000 }).toBe('7');
  await look.page.getByText('£24.50').first().waitFor();
  expect(look.faults).toEqual([]);
}

/** Killed after the year: the same numbers at once, and the year is not replayed again. */
async function standsWhereItStood(attune: AttuneProcess): Promise<void> {
  await eventually(
    () => statusOf(attune),
    ({ lag }) => lag === 0,
  );
  const before = { ...(await campaignsOf(attune)), profile: await profileOf(attune, '13085') };
  await attune.end('SIGKILL');
  await attune.start();
  expect({ ...(await campaignsOf(attune)), profile: await profileOf(attune, '13085') }).toEqual(before);
  const { replay, clockMs } = await statusOf(attune);
  expect(replay).toMatchObject({ done: true, publishedEvents: YEAR.events });
  expect(Math.abs(clockMs - Date.now())).toBeLessThan(10_000);
}
