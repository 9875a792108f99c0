import { sealed } from '@attune/testing/laws/sealed';
import { expect, test } from 'vitest';
import { type LabelEvent, type LabelRule, labelOf } from './label-of.ts';

const event = (timestampMs: number, units = 1n, receivedAtMs = timestampMs): LabelEvent => ({ timestampMs, receivedAtMs, units });
const read = (events: readonly LabelEvent[], rule: LabelRule, atMs: number): number =>
  sealed({ call: labelOf, given: (): Parameters<typeof labelOf> => [events.map((one) => ({ ...one })), { ...rule }, atMs] });

test('what happens after the moment and within the time counts, both ends as said', () => {
  const events = [event(9), event(10), event(11), event(20), event(21)];
  expect(read(events, { kind: 'count', withinMs: 10 }, 10)).toBe(2);
  expect(read(events, { kind: 'event', withinMs: 10 }, 21)).toBe(0);
  expect(read(events, { kind: 'event', withinMs: 1 }, 20)).toBe(1);
});

test('what was known at the moment does not count, even where its clock ran ahead; what came late does', () => {
  expect(read([event(11, 1n, 10)], { kind: 'count', withinMs: 10 }, 10)).toBe(0);
  expect(read([event(11, 1n, 500)], { kind: 'count', withinMs: 10 }, 10)).toBe(1);
});

test('sums are exact in the decimals of their field', () => {
  const events = Array.from({ length: 10 }, (_, i) => event(i + 1, 10n));
  expect(read(events, { kind: 'sum', withinMs: 100, decimals: 2 }, 0)).toBe(1);
  expect(read([event(1, 30n), event(2, -10n)], { kind: 'sum', withinMs: 100, decimals: 2 }, 0)).toBe(0.2);
});
