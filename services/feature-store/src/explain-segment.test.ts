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

interface Part {
  readonly source: string;
  readonly answer: string;
  readonly turnsIf?: string;
  readonly comparison?: object;
  readonly values?: readonly { readonly name: string; readonly status: string }[];
}
interface Explanation {
  readonly answer?: string;
  readonly parts?: readonly Part[];
  readonly words?: readonly string[];
  readonly changesAtMs?: string;
  readonly unchangedUntilMs?: string;
  readonly message?: string;
}
const subject = { userId: 'ann' };
const why = async (segment: string, purpose = 'personalise'): Promise<Explanation> =>
  (await world.call('features.v1.FeatureStoreService/ExplainSegment', { subject, segment, purpose })) as Explanation;
const profile = (purpose = 'personalise') => world.call('features.v1.FeatureStoreService/GetProfile', { subject, purpose });
const folded = (events: number) => until(async () => (await profile())['events'] === String(events));

/** Three orders, ten days apart; answers when the last was. */
async function aRegular(): Promise<number> {
  for (let day = 0; day < 3; day++) {
    await world.happens('ann', { name: 'Order Completed', fields: { total: 10, order_id: `o${day}` } });
    if (day < 2) world.pass(10 * DAY);
  }
  await folded(3);
  return world.clock.nowMs();
}

test('who is not in a segment is told which parts miss by how much, and at which moment time alone lets the customer in', async () => {
  const last = await aRegular();
  world.pass(5 * DAY);
  const { answer, parts = [], words = [], changesAtMs } = await why('lapsing');
  expect(answer).toBe('TRUTH_FAILS');
  expect(parts.map((part) => [part.source, part.answer, part.turnsIf ?? ''])).toEqual([
    ['orders >= 3 && days_since_order > 1.5 * usual_gap_days && days_since_order > 30', 'TRUTH_FAILS', ''],
    ['orders >= 3', 'TRUTH_HOLDS', ''],
    ['days_since_order > 1.5 * usual_gap_days', 'TRUTH_FAILS', ''],
    ['days_since_order > 30', 'TRUTH_FAILS', ''],
  ]);
  expect(parts.map(({ comparison }) => comparison)).toEqual([
    undefined,
    expect.objectContaining({ left: 3, sign: '>=', right: 3 }),
    { left: 5, sign: '>', right: 15, missesBy: 10 },
    { left: 5, sign: '>', right: 30, missesBy: 25 },
  ]);
  expect(changesAtMs).toBe(String(last + 31 * DAY));
  expect(words[0]).toBe('in lapsing, by what personalise may know: no');
  expect(words.join('\n')).toContain('misses: days_since_order > 30, by 25 (days_since_order is 5)');
  expect(words.at(-1)).toMatch(/^time alone changes the answer at \d{4}-/);
});

test('after the moment that was named the answer is the other one, and it is that of the profile', async () => {
  await aRegular();
  const { changesAtMs } = await why('lapsing');
  world.pass(Number(changesAtMs) - world.clock.nowMs());
  expect(await why('lapsing')).toMatchObject({ answer: 'TRUTH_HOLDS' });
  expect((await profile())['segments']).toEqual(['lapsing']);
  expect((await why('lapsing')).words?.[0]).toMatch(/: yes$/);
});

test('a single part that misses is said to decide alone', async () => {
  await aRegular();
  world.pass(16 * DAY);
  const { parts = [] } = await why('lapsing');
  expect(parts.map(({ turnsIf }) => turnsIf)).toEqual([undefined, undefined, undefined, 'TRUTH_HOLDS']);
});

test('what the purpose may not know is told with the reason and without the value, and no moment is named by it', async () => {
  await aRegular();
  const { answer, parts = [], words = [], changesAtMs } = await why('lapsing', 'service');
  expect(answer).toBe('TRUTH_UNKNOWN');
  expect(parts.flatMap(({ values = [] }) => values.map(({ status }) => status))).toEqual(expect.arrayContaining(['VALUE_STATUS_WITHHELD']));
  expect(parts.filter(({ comparison }) => comparison !== undefined)).toEqual([]);
  expect(changesAtMs).toBeUndefined();
  expect(words.join('\n')).toContain('orders is withheld: not to be used for service');
  expect(words[0]).toBe('in lapsing, by what service may know: no, for want of a value');
});

test('a value that nothing was folded for is told as not there yet', async () => {
  await world.happens('ann', { name: 'Product Viewed' });
  await folded(1);
  const { answer, words = [] } = await why('lapsing');
  expect(answer).toBe('TRUTH_FAILS');
  expect(words.join('\n')).toContain('unknown: days_since_order > 30 (days_since_order is not there yet)');
  expect(words.at(-1)).toBe('time alone does not change the answer');
});

test('a segment that does not exist is refused with its nearest spelling', async () => {
  await aRegular();
  expect(await why('lapsin')).toMatchObject({ reason: 'REQUEST_INVALID', message: expect.stringContaining('lapsing') });
});
