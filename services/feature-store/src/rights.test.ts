import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

const subject = { userId: 'ann' };
const order = { name: 'Order Completed', fields: { total: 10, order_id: 'o' } };
const privacy = (method: string, body: object = {}) => world.call(`privacy.v1.PrivacyService/${method}`, { subject, ...body });
const profile = (purpose: string, whom: object = subject) => world.call('features.v1.FeatureStoreService/GetProfile', { subject: whom, purpose });
const named = (values: unknown, wanted: string) => (values as { name: string }[]).find(({ name }) => name === wanted);
const consent = async () => (await privacy('GetConsent'))['purposes'];

async function known(): Promise<void> {
  await world.happens('ann', { fields: { email: 'ann@example.com', country: 'GB' } });
  await world.happens('ann', order);
  await until(async () => (await profile('service'))['events'] === '2');
}

interface Exported {
  readonly profile?: Record<string, unknown>;
  readonly records?: readonly { readonly topic: string; readonly type: string; readonly json: string }[];
  readonly nextPageToken?: string;
}

/** Every page of the export. */
async function exported(pageSize: number): Promise<readonly Exported[]> {
  const pages: Exported[] = [];
  for (let pageToken = ''; ; ) {
    const page: Exported = await privacy('ExportProfile', { pageSize, pageToken });
    pages.push(page);
    pageToken = page.nextPageToken ?? '';
    if (pageToken === '') return pages;
  }
}

test('while processing is restricted nothing may be used for any purpose, and lifting it gives back what was allowed', async () => {
  await known();
  await privacy('RecordConsent', { purposes: { marketing: true } });
  expect(await privacy('RestrictProcessing')).toMatchObject({ profileId: 'p_ann', restricted: true });
  expect(await privacy('GetConsent')).toMatchObject({ restricted: true, purposes: { service: false, personalise: false, marketing: false } });
  expect(named((await profile('service'))['traits'], 'email')).toEqual({ name: 'email', status: 'VALUE_STATUS_WITHHELD' });
  expect(await profile('personalise')).not.toHaveProperty('segments');
  await privacy('RecordConsent', { purposes: { personalise: true } });
  expect(await consent()).toEqual({ service: false, personalise: false, marketing: false });
  await privacy('RestrictProcessing', { lift: true });
  expect(await privacy('GetConsent')).not.toHaveProperty('restricted');
  expect(await consent()).toEqual({ service: true, personalise: true, marketing: true });
  expect(named((await profile('service'))['traits'], 'email')).toMatchObject({ value: { text: 'ann@example.com' } });
});

test('whoever objects to profiling is served by contract and law alone, and may take it back', async () => {
  await known();
  await privacy('RecordConsent', { purposes: { marketing: true } });
  expect(await privacy('ObjectToProfiling')).toMatchObject({ objects: true });
  expect(await privacy('GetConsent')).toMatchObject({ objectsToProfiling: true, purposes: { service: true, personalise: false, marketing: false } });
  expect(named((await profile('personalise'))['features'], 'orders')).toEqual({ name: 'orders', status: 'VALUE_STATUS_WITHHELD' });
  expect(await profile('personalise')).not.toHaveProperty('segments');
  await privacy('ObjectToProfiling', { withdraw: true });
  expect(await consent()).toEqual({ service: true, personalise: true, marketing: true });
});

test('a restriction holds for every identifier, also those that come later', async () => {
  await world.happens('visitor', order);
  await known();
  await privacy('RestrictProcessing');
  await world.becomes('visitor', 'ann');
  await until(async () => ((await profile('service'))['mergedProfileIds'] as readonly string[] | undefined)?.length === 1);
  expect(await consent()).toEqual({ service: false, personalise: false, marketing: false });
  await privacy('RestrictProcessing', { lift: true });
  expect(await consent()).toMatchObject({ service: true, personalise: true });
});

test('a trait is set right for good; what is not declared is refused with the nearest name', async () => {
  await known();
  world.pass(1_000);
  expect(await privacy('RectifyProfile', { traits: { email: 'right@example.com' } })).toMatchObject({ profileId: 'p_ann' });
  expect(named((await profile('service'))['traits'], 'email')).toMatchObject({ value: { text: 'right@example.com' } });
  await world.happens('ann', { fields: { email: 'late@example.com' }, agoMs: 60_000 });
  await until(async () => (await profile('service'))['events'] === '4');
  expect(named((await profile('service'))['traits'], 'email')).toMatchObject({ value: { text: 'right@example.com' } });
  const refused = await privacy('RectifyProfile', { traits: { emial: 'x' } });
  expect(refused).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('email') });
  expect(await privacy('RectifyProfile', { traits: {} })).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('the export holds every value with its source and purposes, whatever consent says, and every record, opened, page by page', async () => {
  await known();
  await privacy('RestrictProcessing');
  await until(async () => (await world.changes('ann')).length === 2);
  const pages = await exported(2);
  const [first] = pages;
  const values = first?.profile?.['values'] as { value: { name: string }; source: string; purposes: string[]; personal?: boolean }[];
  const exportedValue = (wanted: string) => values.find(({ value: { name } }) => name === wanted);
  expect(exportedValue('traits.email')).toMatchObject({
    source: 'identify',
    personal: true,
    value: { value: { text: 'ann@example.com' }, eventTimeMs: expect.any(String) },
  });
  expect(exportedValue('spend_90d')).toMatchObject({ source: 'sum of total in Order Completed', purposes: expect.arrayContaining(['personalise']) });
  expect(first?.profile).toMatchObject({ segments: ['first_timer'], events: '2', said: [{ purpose: '*', identifier: 'leaf-ann' }] });
  expect(pages.slice(1).every((page) => page.profile === undefined)).toBe(true);
  const records = pages.flatMap((page) => page.records ?? []);
  expect(records.map(({ type }) => type.replace('attune.log.v1.', ''))).toEqual(['Activity', 'Activity', 'Activity', 'ProfileChange', 'ProfileChange']);
  expect(JSON.parse(records[0]?.json ?? '')).toMatchObject({ opened: { identifier: 'ann', fields: { email: 'ann@example.com' } } });
  expect(JSON.parse(records[4]?.json ?? '')).toMatchObject({ segment: 'first_timer', opened: { segments: ['first_timer'] } });
  expect((await exported(500)).flatMap((page) => page.records ?? [])).toEqual(records);
  expect(await privacy('ExportProfile', { pageToken: 'x' })).toMatchObject({ reason: 'REQUEST_INVALID' });
});

test('of each value it is said what reads it, and of a subject what may be used', async () => {
  await known();
  const said = await privacy('DescribeDataUse', { subject: undefined });
  const values = said['values'] as { name: string }[];
  expect(named(values, 'orders')).toMatchObject({ segments: expect.arrayContaining(['first_timer']), campaigns: expect.arrayContaining(['welcome_back']) });
  expect(named(values, 'traits.gender')).toMatchObject({ sensitive: true });
  expect(named(values, 'traits.gender')).not.toHaveProperty('campaigns');
  expect(named(said['purposes'], 'marketing')).toMatchObject({ basis: 'consent' });
  expect(named(said['purposes'], 'marketing')).not.toHaveProperty('allowed');
  expect(named((await privacy('DescribeDataUse'))['purposes'], 'marketing')).toMatchObject({ allowed: false });
});

test('an erased or unknown customer has no rights to ask for', async () => {
  await known();
  await privacy('EraseProfile');
  const calls = { ExportProfile: {}, DescribeDataUse: {}, RestrictProcessing: {}, ObjectToProfiling: {}, RectifyProfile: { traits: { country: 'GB' } } };
  for (const [method, body] of Object.entries(calls)) {
    expect(await privacy(method, body)).toMatchObject({ reason: 'ERASED' });
    expect(await privacy(method, { ...body, subject: { userId: 'nobody' } })).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  }
});
