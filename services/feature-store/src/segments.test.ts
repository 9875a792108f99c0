import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { DAY } from './gift-barn.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

interface Standing {
  readonly name: string;
  readonly size?: string;
  readonly purposes?: readonly string[];
}
interface Page {
  readonly members?: readonly { readonly profileId: string }[];
  readonly withheld?: number;
  readonly nextPageToken?: string;
  readonly message?: string;
}
const call = (method: string, body: object) => world.call(`features.v1.FeatureStoreService/${method}`, body);
const sizes = async (): Promise<Record<string, number>> => {
  const { segments = [] } = (await call('ListSegments', {})) as { segments?: readonly Standing[] };
  return Object.fromEntries(segments.map(({ name, size = '0' }) => [name, Number(size)]));
};
const page = (segment: string, more: object = {}) => call('ListSegmentMembers', { segment, purpose: 'personalise', ...more }) as Promise<Page>;
const names = async (segment: string, more: object = {}): Promise<readonly string[]> =>
  ((await page(segment, more)).members ?? []).map(({ profileId }) => profileId);
const orders = (user: string, total = 10) => world.happens(user, { name: 'Order Completed', fields: { total, order_id: user } });
const isSize = (segment: string, size: number) => until(async () => (await sizes())[segment] === size);

test('sizes and members are those of who entered and did not leave, by event and by time', async () => {
  for (const user of ['ann', 'bea', 'cem']) await orders(user, 2_000);
  await orders('ann');
  await isSize('vip', 3);
  await isSize('first_timer', 2);
  expect(await sizes()).toEqual({ first_timer: 2, lapsing: 0, let_down: 0, vip: 3 });
  expect((await names('first_timer')).toSorted()).toEqual(['p_bea', 'p_cem']);
  world.pass(91 * DAY);
  await isSize('vip', 0);
  expect(await names('vip')).toEqual([]);
  const { sizes: over = [], segment } = (await call('GetSegmentSize', { segment: 'vip' })) as { sizes?: readonly { size?: string }[]; segment?: Standing };
  expect(over.map(({ size = '0' }) => size)).toEqual(['3', '0']);
  expect(segment).toMatchObject({ name: 'vip', purposes: ['personalise', 'marketing'] });
});

test('pages come in one order, without anybody twice, and end', async () => {
  const users = Array.from({ length: 23 }, (_, i) => `user${i}`);
  for (const user of users) await orders(user);
  await isSize('first_timer', users.length);
  const paged = async (): Promise<readonly string[]> => {
    const all: string[] = [];
    for (let pageToken = ''; ; ) {
      const { members = [], nextPageToken = '' } = await page('first_timer', { pageSize: 5, pageToken });
      expect(members.length).toBeLessThanOrEqual(5);
      all.push(...members.map(({ profileId }) => profileId));
      if (nextPageToken === '') return all;
      pageToken = nextPageToken;
    }
  };
  const all = await paged();
  expect(all.toSorted()).toEqual(users.map((user) => `p_${user}`).toSorted());
  expect(await paged()).toEqual(all);
});

test('who does not allow the purpose is left out and counted, and a segment that is not for it is refused', async () => {
  for (const user of ['ann', 'bea']) await orders(user);
  await isSize('first_timer', 2);
  await world.call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'bea' }, purposes: { personalise: false } });
  expect(await page('first_timer')).toMatchObject({ members: [{ profileId: 'p_ann' }], withheld: 1 });
  expect(await page('first_timer', { purpose: 'marketing' })).toMatchObject({ withheld: 2 });
  expect((await sizes())['first_timer']).toBe(2);
  expect(await page('first_timer', { purpose: 'service' })).toMatchObject({
    reason: 'REQUEST_INVALID',
    message: expect.stringContaining('personalise, marketing'),
  });
  expect(await page('first_time')).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('first_timer') });
  expect(await page('first_timer', { pageToken: 'x' })).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('page_token') });
  expect(await page('first_timer', { pageSize: 501 })).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('500') });
});

test('a visitor who became a customer, and somebody who was erased, is counted no more', async () => {
  for (const user of ['visitor', 'ann', 'bea']) await orders(user, 2_000);
  await isSize('vip', 3);
  await world.becomes('visitor', 'ann');
  await isSize('vip', 2);
  await isSize('first_timer', 1);
  expect((await names('vip')).toSorted()).toEqual(['p_ann', 'p_bea']);
  expect(await names('first_timer')).toEqual(['p_bea']);
  await world.call('privacy.v1.PrivacyService/EraseProfile', { subject: { profileId: 'p_bea' } });
  await isSize('vip', 1);
  expect(await names('vip')).toEqual(['p_ann']);
});

test('what is named for a purpose is what each profile is told to be in for it', async () => {
  const users = ['ann', 'bea', 'cem', 'dan'];
  for (const [i, user] of users.entries()) for (let order = 0; order <= i; order++) await orders(user, 600);
  await isSize('vip', 2);
  for (const segment of ['first_timer', 'vip', 'lapsing']) {
    const told: string[] = [];
    for (const user of users) {
      const { segments = [] } = (await call('GetProfile', { subject: { userId: user }, purpose: 'personalise' })) as { segments?: readonly string[] };
      if (segments.includes(segment)) told.push(`p_${user}`);
    }
    expect((await names(segment)).toSorted()).toEqual(told);
  }
});

test('counts that are lost come out the same from the log', async () => {
  for (const user of ['ann', 'bea']) await orders(user, 2_000);
  await orders('ann');
  await isSize('first_timer', 1);
  await isSize('vip', 2);
  for (let partition = 0; partition < 4; partition++) await world.store.clear({ processor: 'segments', partition, partitions: 4 });
  expect(await sizes()).toMatchObject({ first_timer: 0, vip: 0 });
  world.pass(2_000);
  await isSize('vip', 2);
  await isSize('first_timer', 1);
  expect((await names('vip')).toSorted()).toEqual(['p_ann', 'p_bea']);
});
