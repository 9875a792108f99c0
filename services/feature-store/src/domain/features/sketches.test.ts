import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { seededRandom } from '@attune/kernel/random';
import { describe, expect, test } from 'vitest';
import { BINS_MAX } from './bins.ts';
import type { FeatureEvent, FeatureKind } from './feature-kind.ts';
import { percentile } from './percentile.ts';
import { RECENT_MAX } from './recent-values.ts';
import { EXACT_MAX, uniqueCount } from './unique-count.ts';

const START = Date.UTC(2026, 4, 5);
const HOUR = 3_600_000;
const declared = (more: Partial<FeatureDeclaration>): FeatureDeclaration => ({
  ...{ name: 'f', kind: '', event: 'Bought', field: 'total', decimals: 2, purposes: [] },
  ...more,
});
const bought = (total: unknown, timestampMs = START): FeatureEvent => ({ name: 'Bought', timestampMs, messageId: `m${timestampMs}`, fields: { total } });

function folded<S>(kind: FeatureKind<S>, events: readonly FeatureEvent[], declaration: FeatureDeclaration): S {
  return events.reduce((state, event) => kind.step(state, event, declaration), kind.init());
}

function numberOf<S>(kind: FeatureKind<S>, state: S, declaration: FeatureDeclaration, nowMs = START): number {
  const reading = kind.read(state, nowMs, declaration);
  return reading.status === 'present' ? Number(reading.value) : Number.NaN;
}

/** Numbers whose logarithm is spread evenly between 1 and `times`. */
function spread(count: number, times: number): readonly number[] {
  const next = seededRandom(`spread over ${times}`);
  return Array.from({ length: count }, () => times ** next());
}

describe('percentile', () => {
  test.each<[number, number]>([
    [1_000, 0.016],
    [1_000_000, 0.032],
  ])('of numbers up to %i times the least is off by no more than the part of it that the docs state: %d', (times, off) => {
    const numbers = spread(20_000, times);
    const exact = numbers.toSorted((a, b) => a - b);
    const state = folded(
      percentile,
      numbers.map((total) => bought(total)),
      declared({}),
    );
    for (const percent of [0.1, 1, 25, 50, 75, 95, 99, 100]) {
      const right = exact[Math.ceil((percent / 100) * exact.length) - 1] ?? Number.NaN;
      expect(Math.abs(numberOf(percentile, state, declared({ percent })) / right - 1)).toBeLessThan(off);
    }
  });

  test('is exact up to so many different numbers, however often each occurs', () => {
    const numbers = Array.from({ length: 4 * BINS_MAX }, (_, i) => (i % BINS_MAX) * 1.01 - 100);
    const state = folded(
      percentile,
      numbers.map((total) => bought(total)),
      declared({}),
    );
    expect(numberOf(percentile, state, declared({ percent: 50 }))).toBe((BINS_MAX / 2 - 1) * 1.01 - 100);
  });

  test('of numbers of every size needs no more bins than there are, and is off by half at most', () => {
    const numbers = Array.from({ length: 5_000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1e-9 * 1.0112 ** i).filter((total) => Math.abs(total) <= 1e15);
    const state = folded(
      percentile,
      numbers.map((total) => bought(total)),
      declared({}),
    );
    expect(percentile.encode(state).length).toBeLessThanOrEqual(percentile.spec.bytesMax?.(declared({})) ?? 0);
    const right = numbers.toSorted((a, b) => a - b)[Math.ceil(0.9 * numbers.length) - 1] ?? Number.NaN;
    expect(Math.abs(numberOf(percentile, state, declared({ percent: 90 })) / right - 1)).toBeLessThanOrEqual(0.5);
  });

  test('in a window an event counts until it is older, to the millisecond', () => {
    const declaration = declared({ percent: 50, windowMs: HOUR });
    const state = folded(percentile, [bought(3), bought(9, START + 1), bought(1, START + 2)], declaration);
    expect(numberOf(percentile, state, declaration, START + HOUR)).toBe(3);
    expect(percentile.nextChangeMs?.(state, START, declaration)).toBe(START + HOUR + 1);
    expect(numberOf(percentile, state, declaration, START + HOUR + 1)).toBe(1);
    expect(percentile.read(state, START + HOUR + 3, declaration)).toEqual({ status: 'missing' });
  });

  test('in a window that holds more events than are kept, the newest of them count', () => {
    const declaration = declared({ percent: 100, windowMs: HOUR });
    const state = folded(
      percentile,
      Array.from({ length: RECENT_MAX + 10 }, (_, i) => bought(1_000 - i, START + i)),
      declaration,
    );
    expect(numberOf(percentile, state, declaration)).toBe(990);
  });
});

describe('unique_count', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => bought(`item ${i}`, START + i));

  test('is exact for few values, whatever their type, and one more makes it an estimate', () => {
    const few = [...values(EXACT_MAX - 3), bought(1), bought('1'), bought(true), bought(1), bought(-0), bought(0)];
    expect(numberOf(uniqueCount, folded(uniqueCount, few.slice(0, -2), declared({})), declared({}))).toBe(EXACT_MAX);
    const more = folded(uniqueCount, few, declared({}));
    expect(more?.kind).toBe('many');
    expect(numberOf(uniqueCount, more, declared({}))).toBeCloseTo(EXACT_MAX + 1, -1);
  });

  test('of many values is off by the standard error that the docs state, over many sets', () => {
    const declaration = declared({});
    let squares = 0;
    const runs = 40;
    for (let run = 0; run < runs; run++) {
      const count = [300, 1_000, 2_000, 4_000][run % 4] ?? 0;
      const parts = [0, 1].map((half) =>
        folded(
          uniqueCount,
          Array.from({ length: count / 2 }, (_, i) => bought(`${run} ${half} ${i}`)),
          declaration,
        ),
      );
      squares += (numberOf(uniqueCount, uniqueCount.merge(parts[0], parts[1], declaration), declaration) / count - 1) ** 2;
    }
    expect(Math.sqrt(squares / runs)).toBeLessThan(0.0325 * 1.25);
  });

  test('in a window counts the values that were seen in it, and no more than are kept', () => {
    const declaration = declared({ windowMs: HOUR });
    const state = folded(uniqueCount, [bought('a'), bought('b'), bought('a', START + 5)], declaration);
    expect(numberOf(uniqueCount, state, declaration, START + HOUR)).toBe(2);
    expect(numberOf(uniqueCount, state, declaration, START + HOUR + 1)).toBe(1);
    expect(numberOf(uniqueCount, state, declaration, START + HOUR + 6)).toBe(0);
    expect(numberOf(uniqueCount, folded(uniqueCount, values(RECENT_MAX + 9), declaration), declaration)).toBe(RECENT_MAX);
  });
});
