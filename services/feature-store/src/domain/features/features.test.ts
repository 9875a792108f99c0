import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { featureLaws } from '@attune/testing/laws/feature-laws';
import { expect, test } from 'vitest';
import { count } from './count.ts';
import type { FeatureEvent } from './feature-kind.ts';
import { featureKinds } from './index.ts';
import { last } from './last.ts';
import { oracles } from './oracles.fixture.ts';
import { recentItems } from './recent-items.ts';
import { StateWriter } from './state-bytes.ts';
import { sum } from './sum.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000] as const;
const present = (value: unknown) => ({ status: 'present', value });

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
  ['a year', 365 * DAY, DAY],
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

test('what was bought is read from the bytes of the version before', () => {
  const before = new StateWriter(1).whole(3).whole(-T).text('cup').whole(0).text('tea').whole(DAY).text('cup').done();
  const read = recentItems.read(recentItems.decode(before), T, declared({ kind: 'recent_items' }));
  expect(read).toEqual(
    present([
      { item: 'cup', atMs: [T, T - DAY] },
      { item: 'tea', atMs: [T] },
    ]),
  );
});

test('no two kinds have one keyword', () => {
  expect(new Set(featureKinds.map(({ spec }) => spec.keyword)).size).toBe(featureKinds.length);
});
