import { Activity, EventType } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { readingKeyStore } from '@attune/sealing/reading-key-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answersOf, type Dataset, type DatasetAsked, datasetOf, parityOf, parityRequests, storedFeatures } from './container.ts';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations, DAY, DOCUMENT, HOUR } from './gift-barn.fixture.ts';

const LABELS = `
  in_three_days: { event: Order Completed, within: 3d, view: buying_habit }
  spends: { sum: total, of: Order Completed, within: 3d, view: buying_habit, where: total > 1.0, moments: { each: Order Completed } }
  clicks_soon: { count: Promotion Clicked, within: 3d, view: clicks, purpose: marketing, moments: { each: Order Completed } }
`;
const WITH_LABELS = DOCUMENT.replace(/\nlabels:.*\n/, (line) => `${line}${LABELS.slice(1)}`);

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start(WITH_LABELS);
});
afterEach(() => world.end());

const order = (total: number, agoMs = 0) => ({ name: 'Order Completed', fields: { total, order_id: 'o' }, agoMs });
const served = async (user: string) => {
  const request = { subjects: [{ userId: user }], views: ['buying_habit'] };
  const { rows } = (await world.call('features.v1.FeatureStoreService/GetFeatures', request)) as {
    rows: {
      profileId?: string;
      nowMs: string;
      position: { partition?: number; offset?: string };
      views: { values: { value?: { number?: number; text?: string } }[] }[];
    }[];
  };
  const [row] = rows;
  return {
    place: [row?.profileId, Number(row?.nowMs), row?.position.partition ?? 0, Number(row?.position.offset ?? 0)],
    values: row?.views[0]?.values.map(({ value }) => value?.number ?? value?.text ?? null),
  };
};
const profileOf = (userId: string) => world.call('features.v1.FeatureStoreService/GetProfile', { subject: { userId }, purpose: 'service' });
const folded = (user: string, events: number) => until(async () => (await profileOf(user))['events'] === String(events));

/** The dataset of a label, under a configuration in which the words given were replaced. */
const built = (name: string, more: Partial<DatasetAsked> = {}, document = WITH_LABELS): Promise<Dataset> =>
  datasetOf({ log: world.log, ring: world.ring, configurations }, askedFor(name, more, document));

function askedFor(name: string, more: Partial<DatasetAsked> = {}, document = WITH_LABELS): DatasetAsked {
  const configuration = configurations.of(document);
  const label = configuration.labels.find((one) => one.name === name);
  const view = configuration.views.find((one) => one.name === label?.view);
  if (label === undefined || view === undefined) throw new Error(`no label ${name}`);
  const asked = { tenant: 'default', configuration, document, label, view, purpose: label.purpose, moments: label.moments };
  return { ...asked, asRecorded: false, share: 1, seed: '1', rowsMax: 10_000, ...more };
}
/** The log knows what happened until so much later. */
const later = async (ms: number): Promise<void> => {
  world.pass(ms);
  await world.happens('clock', { fields: {} });
};

test('a row has what GetFeatures answered at its place and moment, and the label what came after it', async () => {
  await world.happens('ann', { fields: { country: 'GB' } });
  await world.happens('ann', order(10.1));
  await folded('ann', 2);
  const first = await served('ann');
  world.pass(2 * DAY);
  await world.happens('ann', order(20.2));
  await folded('ann', 3);
  const second = await served('ann');
  await later(20 * DAY);
  const { rows, columns, leftOut } = await built('spends');
  expect(rows).toEqual([
    [...first.place, ...(first.values ?? []), 20.2],
    [...second.place, ...(second.values ?? []), 0],
  ]);
  expect(first.values).toEqual([1, 1, 10.1, 0, null, 'GB']);
  expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...['profile_id text', 'at time', 'partition whole', 'offset whole', 'orders number', 'orders_90d number', 'spend_90d number'],
    ...['days_since_order number', 'usual_gap_days number', 'traits.country text', 'spends number'],
  ]);
  expect(leftOut).toEqual({ withoutConsent: 0, withdrawnSince: 0, erased: 0, tooRecent: 0 });
});

test('a late event is known from its arrival on, and a label knows when it happened', async () => {
  await world.happens('ann', order(10));
  world.pass(DAY);
  await world.happens('ann', { name: 'Product Viewed' });
  world.pass(DAY);
  // It happened a day and a half ago: half a day after the first.
  await world.happens('ann', order(5, 1.5 * DAY));
  await folded('ann', 3);
  await later(20 * DAY);
  const { rows } = await built('spends', { moments: { kind: 'each', event: 'Product Viewed' } });
  expect(rows.map((row) => [row[4], row.at(-1)])).toEqual([[1, 0]]);
  const each = await built('spends');
  expect(each.rows.map((row) => [row[4], row.at(-1)])).toEqual([
    [1, 5],
    [2, 0],
  ]);
});

test('regular moments are full multiples of their time, and know what was received by then', async () => {
  await world.happens('ann', order(10));
  const startMs = world.clock.nowMs();
  world.pass(30 * HOUR);
  await world.happens('ann', order(20));
  await folded('ann', 2);
  await later(20 * DAY);
  const { rows, knownUntilMs, lastMomentMs } = await built('in_three_days', { moments: { kind: 'every', everyMs: DAY } });
  expect(knownUntilMs).toBe(startMs + 20 * DAY + 30 * HOUR);
  const ann = rows.filter(([profileId]) => profileId === 'p_ann');
  expect(ann.every((row) => Number(row[1]) % DAY === 0 && Number(row[1]) <= lastMomentMs)).toBe(true);
  expect(ann.map((row) => [row[4], row.at(-1)]).slice(0, 3)).toEqual([
    [1, 1],
    [Number(ann[1]?.[1]) >= startMs + 30 * HOUR ? 2 : 1, Number(ann[1]?.[1]) >= startMs + 30 * HOUR ? 0 : 1],
    [2, 0],
  ]);
});

test('the customer that a visitor became knows the visitor under a new declaration too, and the label of the visitor counts the customer', async () => {
  await world.happens('tab', order(10));
  await folded('tab', 1);
  await world.happens('ann', order(1));
  world.pass(DAY);
  await world.happens('tab', order(7));
  await folded('tab', 2);
  await world.becomes('tab', 'ann');
  await folded('ann', 3);
  world.pass(HOUR);
  await world.happens('ann', order(20));
  await folded('ann', 4);
  await later(20 * DAY);
  const changed = WITH_LABELS.replace('orders_90d: { count: Order Completed, window: 90d }', 'orders_90d: { count: Order Completed, window: 80d }');
  for (const document of [WITH_LABELS, changed]) {
    const { rows } = await built('spends', {}, document);
    expect(rows.map((row) => [row[0], row[5], row[6], row.at(-1)])).toEqual([
      ['p_ann', 1, 1, 27],
      ['p_tab', 1, 10, 27],
      ['p_tab', 2, 17, 20],
      ['p_ann', 4, 38, 0],
    ]);
  }
  // As recorded, what was declared since was never folded.
  const recorded = await built('spends', { asRecorded: true });
  expect(recorded.rows).toEqual((await built('spends')).rows);
});

test('without consent at the moment, with consent withdrawn since, or erased, a customer gives no row', async () => {
  const say = (user: string, granted: boolean) =>
    world.call('privacy.v1.PrivacyService/RecordConsent', { subject: { userId: user }, purposes: { marketing: granted } });
  for (const user of ['ann', 'bob', 'cid', 'dan']) {
    await world.happens(user, { fields: { country: 'GB' } });
    await folded(user, 1);
    if (user !== 'ann') await say(user, true);
    await world.happens(user, order(10));
    await folded(user, 2);
  }
  await say('cid', false);
  await later(20 * DAY);
  await world.keys.destroy('default', [subjectKey('p_dan')]);
  world.pass(HOUR); // keys are read again
  const { rows, leftOut, statuses } = await built('clicks_soon');
  expect(rows.map(([profileId]) => profileId)).toEqual(['p_bob']);
  expect(leftOut).toEqual({ withoutConsent: 1, withdrawnSince: 1, erased: 1, tooRecent: 0 });
  expect(statuses.get('lost_to_cancel')).toEqual(new Map([['present', 1]]));
});

test('what a purpose may not know is withheld, and counted', async () => {
  await world.happens('ann', order(10));
  await folded('ann', 1);
  await later(20 * DAY);
  const { rows, statuses } = await built('spends', { purpose: 'service' });
  expect(rows.map((row) => row.slice(4, -1))).toEqual([[null, null, null, null, null, null]]);
  expect(statuses.get('orders')).toEqual(new Map([['withheld', 1]]));
});

test('the same log up to the same place gives the same rows, whatever came since; what is too recent for its label gives none', async () => {
  for (let i = 0; i < 30; i++) {
    await world.happens(`u${i % 7}`, order(i + 1));
    world.pass(DAY / 2);
  }
  await folded('u1', 5);
  const before = await built('spends');
  await later(5 * DAY);
  const endOffsets = before.log.bounds.map(({ endOffset }) => endOffset);
  expect((await built('spends', { endOffsets })).rows).toEqual(before.rows);
  expect(before.leftOut.tooRecent).toBeGreaterThan(10);
  expect((await built('spends')).rows.length).toBeGreaterThan(before.rows.length);
  const shares = await Promise.all([built('spends', { share: 0.5 }), built('spends', { share: 0.5 }), built('spends', { share: 0.5, seed: '2' })]);
  expect(shares[0].rows).toEqual(shares[1].rows);
  expect(shares[0].rows).not.toEqual(shares[2].rows);
  await expect(built('spends', { rowsMax: 3 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a record that cannot be folded is passed over as live, and its profile is whole', async () => {
  await world.happens('ann', order(10));
  const broken = { messageId: 'b', type: EventType.EVENT_TYPE_TRACK, name: 'Order Completed', openJson: '{', receivedAtMs: BigInt(world.clock.nowMs()) };
  const activity = Activity.fromPartial({
    profileId: 'p_ann',
    leaf: 'leaf-ann',
    acceptedOffset: 1_000n,
    acceptedPartition: 1,
    record: { $case: 'event', value: broken },
  });
  await world.log.append('default', 'attune.activity.v1', [{ key: 'p_ann', value: Activity.encode(activity).finish() }]);
  await world.happens('ann', order(20));
  await folded('ann', 2);
  const { values, place } = await served('ann');
  await later(20 * DAY);
  const { rows, setAside } = await built('spends');
  expect(setAside).toBe(1);
  expect(rows.map((row) => row.slice(0, -1)).at(-1)).toEqual([...place, ...(values ?? [])]);
});

test('whoever was erased by call gives no row and is passed over by the gate, and the replay destroys no key but in its own ring', async () => {
  for (const user of ['ann', 'bob']) {
    await world.happens(user, order(10));
    await folded(user, 1);
  }
  const configuration = configurations.of(WITH_LABELS);
  const { clock, store, ring } = world;
  const ask = storedFeatures({ clock, store, ring, configurations, configuration, partitions: 4, stopwatch: systemStopwatch });
  const [request] = parityRequests(configuration, 'personalise', ['p_ann', 'p_bob']);
  const answers = request === undefined ? [] : answersOf(await ask('default', request), 'personalise');
  await world.call('privacy.v1.PrivacyService/EraseProfile', { subject: { userId: 'ann' } });
  await later(20 * DAY);
  await until(async () => (await profileOf('clock'))['events'] === '1');
  const reading = new KeyRing(readingKeyStore(world.keys), systemStopwatch);
  const { rows, leftOut } = await datasetOf({ log: world.log, ring: reading, configurations }, askedFor('spends'));
  expect(rows.map(([profileId]) => profileId)).toEqual(['p_bob']);
  expect(leftOut).toMatchObject({ erased: 1 });
  const parity = await parityOf({ log: world.log, ring: reading, configurations }, { tenant: 'default', answers, decisions: [] });
  expect([parity.mismatches, parity.erased, parity.answers]).toEqual([[], 3, 3]);
  expect((await world.keys.find('default', [subjectKey('p_bob')])).get(subjectKey('p_bob'))?.kind).toBe('key');
});
