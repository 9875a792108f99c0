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
const order = (total: number) => ({ name: 'Order Completed', fields: { total, order_id: 'o' } });
const events = async (user: string) =>
  (await world.call('features.v1.FeatureStoreService/GetProfile', { subject: { userId: user }, purpose: 'personalise' }))['events'] as string | undefined;
const folded = (user: string, wanted: number) => until(async () => (await events(user)) === String(wanted));

/** Reads a stream in the background. */
function listening(request: object = {}, signal = new AbortController().signal) {
  const told: string[] = [];
  const read = async (): Promise<void> => {
    for await (const message of world.watch({ subject, purpose: 'personalise', ...request }, signal)) told.push(wordOf(message));
  };
  return { told, ended: read() };
}

function wordOf(message: unknown): string {
  const { standing, segment, event, merged } = message as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  if (standing) return `stands at ${standing['events']}`;
  if (segment) return `${segment['entered'] ? 'in' : 'out'} ${segment['segment']}`;
  return event ? String(event['name']) : `merged into ${merged?.['intoProfileId']}`;
}

test('a watcher hears how the profile stands, and then each change as it is published, of this profile alone', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  await until(async () => (await world.changes('ann')).length === 2);
  const heard = new AbortController();
  const watches = Array.from({ length: 20 }, () => listening({}, heard.signal));
  const other = listening({ purpose: 'marketing' }, heard.signal);
  await until(() => [...watches, other].every(({ told }) => told.length === 1));
  await world.happens('bob', order(5_000));
  await world.happens('ann', order(2_000));
  const whole = ['stands at 1', 'Order Completed', 'out first_timer', 'in vip'];
  await until(() => watches.every(({ told }) => told.length === whole.length));
  for (const { told } of watches) expect(told.toSorted()).toEqual(whole.toSorted());
  expect(other.told).toEqual(['stands at 1']);
  heard.abort();
  await Promise.all([...watches, other].map(({ ended }) => ended));
});

test('what the purpose may no longer know is not told, from the moment that consent is denied', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  await until(async () => (await world.changes('ann')).length === 2);
  const watch = listening();
  const marketing = listening({ purpose: 'marketing' });
  await until(() => watch.told.length + marketing.told.length === 2);
  await world.call('privacy.v1.PrivacyService/RecordConsent', { subject, purposes: { personalise: false, marketing: true } });
  await world.happens('ann', order(2_000));
  await until(() => marketing.told.includes('in vip'));
  expect(watch.told).toEqual(['stands at 1']);
});

test('a segment is told only for what all its inputs may be used for', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  await until(async () => (await world.changes('ann')).length === 2);
  const [service, personalise] = [listening({ purpose: 'service' }), listening()];
  await until(() => service.told.length + personalise.told.length === 2);
  await world.happens('ann', order(2_000));
  await until(() => personalise.told.length === 4);
  await world.happens('ann', { name: 'Promotion Clicked', fields: { promotion_id: 'd' } });
  await until(() => service.told.includes('Promotion Clicked'));
  expect(service.told).toEqual(['stands at 1', 'Order Completed', 'Promotion Clicked']);
});

test('a watcher of a visitor hears into which profile the visitor went, and the stream ends', async () => {
  await world.happens('tab', order(10));
  await folded('tab', 1);
  const watch = listening({ subject: { userId: 'tab' } });
  await until(() => watch.told.length === 1);
  await world.becomes('tab', 'ann');
  await watch.ended;
  expect(watch.told.at(-1)).toBe('merged into p_ann');
});

test('nobody unknown is watched, and a purpose is one of the configuration', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  await expect(listening({ subject: { userId: 'eve' } }).ended).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
  await expect(listening({ purpose: 'spying' }).ended).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a reader that does not keep up is let go with what to do, and others go on', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  const slow = world.watch({ subject, purpose: 'personalise' }, new AbortController().signal)[Symbol.asyncIterator]();
  await slow.next();
  const fast = listening();
  await until(() => fast.told.length >= 1);
  for (let i = 0; i < 300; i++) await world.happens('ann', { name: 'Promotion Clicked', fields: { promotion_id: 'd' } });
  await until(() => fast.told.filter((word) => word === 'Promotion Clicked').length === 300);
  const drained = async (): Promise<void> => {
    while ((await slow.next()).done !== true);
  };
  await expect(drained()).rejects.toMatchObject({ code: 'OVERLOADED', detail: expect.stringContaining('watch again') });
});

test('the streams end where the service stops', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  const watches = [listening(), listening()];
  await until(() => watches.every(({ told }) => told.length >= 1));
  await world.end();
  await Promise.all(watches.map(({ ended }) => ended));
  world = new FeatureStoreWorld();
  await world.start();
});
