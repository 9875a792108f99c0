import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { featureLaws, type Oracle } from '@attune/testing/laws/feature-laws';
import { expect, test } from 'vitest';
import { count } from './count.ts';
import type { FeatureEvent } from './feature-kind.ts';
import { featureKinds } from './index.ts';
import { last } from './last.ts';
import { sum } from './sum.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000] as const;
const present = (value: unknown) => ({ status: 'present', value });
const missing = { status: 'missing' };
const times = (events: readonly FeatureEvent[]) => events.map((event) => event.timestampMs);

/** The events since the start of the tile in which the window begins. */
function inWindow(events: readonly FeatureEvent[], nowMs: number, windowMs: number | undefined): readonly FeatureEvent[] {
  if (windowMs === undefined) return events;
  const tile = windowMs > 7 * DAY ? DAY : windowMs > 2 * HOUR ? HOUR : MINUTE;
  const begin = Math.max(nowMs, ...times(events).map((t) => t - DAY)) - windowMs;
  return events.filter((event) => event.timestampMs >= begin - (begin % tile));
}

/** Decimal digits, cut by hand: the sum of the field in units of 10^-decimals. */
function unitsOf(total: unknown, decimals: number): bigint {
  if (typeof total !== 'number' || !Number.isFinite(total)) return 0n;
  const [whole = '', fraction = ''] = total >= 1e21 ? [String(BigInt(total))] : total.toFixed(decimals).split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

const isNumber = (total: unknown): total is number => typeof total === 'number' && Math.abs(total) <= 1e15;
const withNumber = (events: readonly FeatureEvent[]) => events.filter(({ fields }) => isNumber(fields.total));
const withValue = (events: readonly FeatureEvent[]) =>
  events.filter(({ fields: { total } }) => ['string', 'boolean'].includes(typeof total) || isNumber(total));
const numbers = (events: readonly FeatureEvent[]) => events.map(({ fields }) => Number(fields.total) || 0);
const presentOrMissing = (value: unknown) => (value === undefined ? missing : present(value));
const valueOfEvent = (event: FeatureEvent | undefined) =>
  event === undefined ? undefined : typeof event.fields.total === 'number' ? numbers([event])[0] : event.fields.total;

/** By the squares of the differences of all pairs, in whole units. */
function naiveVariance(events: readonly FeatureEvent[], decimals: number): number | undefined {
  if (events.length === 0) return undefined;
  const units = events.map(({ fields }) => unitsOf(fields.total, decimals));
  const pairs = units.flatMap((a) => units.map((b) => (a - b) ** 2n)).reduce((a, b) => a + b, 0n) / 2n;
  return Number(`${(pairs * 10n ** 60n) / BigInt(units.length) ** 2n}e-${60 + 2 * decimals}`);
}

const byNewest = (a: FeatureEvent, b: FeatureEvent): number =>
  b.timestampMs - a.timestampMs ||
  (a.messageId < b.messageId ? 1 : a.messageId > b.messageId ? -1 : JSON.stringify(a.fields.total) < JSON.stringify(b.fields.total) ? 1 : -1);

const oracles: Record<string, Oracle> = {
  count: (events, nowMs, { windowMs }) => present(inWindow(events, nowMs, windowMs).length),
  sum(events, nowMs, { windowMs, decimals }) {
    const units = inWindow(withNumber(events), nowMs, windowMs).reduce((total, event) => total + unitsOf(event.fields.total, decimals), 0n);
    return present(Number(`${units}e-${decimals}`));
  },
  mean(events, nowMs, { windowMs, decimals }) {
    const within = inWindow(withNumber(events), nowMs, windowMs);
    const units = within.reduce((total, event) => total + unitsOf(event.fields.total, decimals), 0n);
    return within.length === 0 ? missing : present(Number(`${units}e-${decimals}`) / within.length);
  },
  min: (events, nowMs, { windowMs }) => presentOrMissing(numbers(inWindow(withNumber(events), nowMs, windowMs)).toSorted((a, b) => a - b)[0]),
  max: (events, nowMs, { windowMs }) => presentOrMissing(numbers(inWindow(withNumber(events), nowMs, windowMs)).toSorted((a, b) => b - a)[0]),
  percentile(events, nowMs, { windowMs = Number.POSITIVE_INFINITY, percent = 50 }) {
    const sorted = numbers(withNumber(events).filter(({ timestampMs }) => timestampMs >= nowMs - windowMs)).toSorted((a, b) => a - b);
    return presentOrMissing(sorted.find((_, i) => 100 * (i + 1) >= percent * sorted.length));
  },
  unique_count(events, nowMs, { windowMs = Number.POSITIVE_INFINITY }) {
    const within = withValue(events).filter(({ timestampMs }) => timestampMs >= nowMs - windowMs);
    return present(new Set(within.map(({ fields }) => fields.total || (fields.total === 0 ? 0 : fields.total))).size);
  },
  variance: (events, nowMs, declaration) => presentOrMissing(naiveVariance(inWindow(withNumber(events), nowMs, declaration.windowMs), declaration.decimals)),
  std_dev(events, nowMs, { windowMs, decimals }) {
    const found = naiveVariance(inWindow(withNumber(events), nowMs, windowMs), decimals);
    return presentOrMissing(found === undefined ? undefined : Math.sqrt(found));
  },
  happened: (events, nowMs, { windowMs }) => present(inWindow(events, nowMs, windowMs).length > 0),
  rate(events, nowMs, { event, per, windowMs }) {
    const [hits, all] = [event, per].map((wanted) => inWindow(events, nowMs, windowMs).filter(({ name }) => name === wanted).length);
    return all ? present((hits ?? 0) / all) : missing;
  },
  decayed_count(events, nowMs, { halfLifeMs = DAY }) {
    const stepAt = (ms: number) => Math.floor((ms * 16) / halfLifeMs);
    const now = Math.max(stepAt(nowMs), ...times(events).map((t) => stepAt(t) - stepAt(DAY) - 1));
    const ages = times(events).map((t) => Math.max(0, now - stepAt(t)));
    const left = ages.filter((age) => age <= 256).map((age) => 0.5 ** (age / 16));
    return present(Math.round(left.reduce((a, b) => a + b, 0) * 1e9) / 1e9);
  },
  streak(events, nowMs, { periodMs = DAY }) {
    const shift = periodMs === DAY ? 0 : 3 * DAY;
    const periods = new Set(times(events).map((t) => Math.floor((t + shift) / periodMs)));
    const newest = Math.max(...periods);
    if (Math.floor((nowMs + shift) / periodMs) > newest + 1) return present(0);
    let length = 0;
    while (periods.has(newest - length)) length++;
    return present(Math.min(366, length));
  },
  first: (events) => presentOrMissing(valueOfEvent(withValue(events).toSorted(byNewest).at(-1))),
  last: (events) => presentOrMissing(valueOfEvent(withValue(events).toSorted(byNewest)[0])),
  time_since(events, nowMs, { unitMs = DAY }) {
    return events.length === 0 ? missing : present(Math.floor(Math.max(0, nowMs - Math.max(...times(events))) / unitMs));
  },
  recent_items(events) {
    const uses = new Set(events.flatMap(({ timestampMs, lines = [] }) => lines.map(({ item }) => JSON.stringify([timestampMs, item]))));
    const kept = [...uses].map((use): [number, string] => JSON.parse(use)).filter(([, item]) => item !== '' && item.length <= 64);
    const newest = kept.toSorted(([a, x], [b, y]) => b - a || (x < y ? -1 : 1)).slice(0, 512);
    if (newest.length === 0) return missing;
    const items = [...new Set(newest.map(([, item]) => item))];
    return present(items.map((item) => ({ item, atMs: newest.filter(([, other]) => other === item).map(([atMs]) => atMs) })));
  },
  mean_gap(events, _nowMs, { unitMs = DAY, minEvents = 2 }) {
    const sorted = times(events).toSorted((a, b) => a - b);
    const gaps = sorted.slice(1).map((t, i) => t - (sorted[i] ?? t));
    return events.length < minEvents ? missing : present(gaps.reduce((a, b) => a + b, 0) / gaps.length / unitMs);
  },
};

featureLaws(featureKinds, oracles);

const declared = (more: Partial<FeatureDeclaration>): FeatureDeclaration => ({
  ...{ name: 'f', kind: 'count', event: 'Bought', field: 'total', decimals: 2, purposes: [] },
  ...more,
});
const bought = (timestampMs: number, total: unknown = 1): FeatureEvent => ({ name: 'Bought', timestampMs, messageId: `m${timestampMs}`, fields: { total } });
const T = Date.UTC(2026, 4, 5, 6, 7, 8, 9);
const floor = (ms: number, tile: number) => ms - (ms % tile);

test.each<[string, number, number]>([
  ['one minute', MINUTE, MINUTE],
  ['two hours', 2 * HOUR, MINUTE],
  ['a minute more than two hours', 2 * HOUR + MINUTE, HOUR],
  ['seven days', 7 * DAY, HOUR],
  ['a day more than seven', 8 * DAY, DAY],
])('a window of %s keeps an event until its whole tile has left, to the millisecond', (_, windowMs, tile) => {
  const declaration = declared({ windowMs });
  const state = count.step(count.init(), bought(T), declaration);
  const leavesMs = floor(T, tile) + tile + windowMs;
  expect(count.read(state, T + windowMs, declaration)).toEqual(present(1));
  expect(count.read(state, leavesMs - 1, declaration)).toEqual(present(1));
  expect(count.read(state, leavesMs, declaration)).toEqual(present(0));
  expect(count.nextChangeMs?.(state, T, declaration)).toBe(leavesMs);
  expect(count.nextChangeMs?.(state, leavesMs, declaration)).toBeUndefined();
});

test('an event at the first millisecond of the window counts, and the one before the tile does not', () => {
  const declaration = declared({ windowMs: 90 * DAY });
  const begin = floor(T - 90 * DAY, DAY);
  const at = (ms: number) => count.read(count.step(count.init(), bought(ms), declaration), T, declaration);
  expect(at(begin)).toEqual(present(1));
  expect(at(begin - 1)).toEqual(present(0));
  expect(at(T)).toEqual(present(1));
});

test('an event of a clock that is a day ahead counts at once and takes nothing out of the window', () => {
  const declaration = declared({ windowMs: HOUR });
  const state = [bought(T - HOUR), bought(T + DAY)].reduce((s, event) => count.step(s, event, declaration), count.init());
  expect(count.read(state, T, declaration)).toEqual(present(2));
});

test('a sum is exact where doubles are not', () => {
  const declaration = declared({ kind: 'sum' });
  const state = [0.1, 0.2, 1e15, 0.3, -1e15].reduce((s, total, i) => sum.step(s, bought(T + i, total), declaration), sum.init());
  expect(sum.read(state, T, declaration)).toEqual(present(0.6));
});

test('of two values of one moment the one with the greater messageId is the last', () => {
  const declaration = declared({ kind: 'last' });
  const events = [
    { ...bought(T, 'silver'), messageId: 'b' },
    { ...bought(T, 'gold'), messageId: 'a' },
  ];
  const read = (some: FeatureEvent[]) =>
    last.read(
      some.reduce((s, event) => last.step(s, event, declaration), last.init()),
      T,
      declaration,
    );
  expect(read(events)).toEqual(present('silver'));
  expect(read(events.toReversed())).toEqual(present('silver'));
});

test('no two kinds have one keyword', () => {
  expect(new Set(featureKinds.map(({ spec }) => spec.keyword)).size).toBe(featureKinds.length);
});
