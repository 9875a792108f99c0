import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { type FeatureEvent, numberOf } from './feature-kind.ts';
import { toUnits } from './scaled.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';

/** How many numbers there are, their sum and the sum of their squares, in whole units: exact, so that order cannot matter and nothing cancels out. */
export interface Moments {
  readonly events: number;
  readonly units: bigint;
  readonly squares: bigint;
}

/** 52 bits of a number of events, 122 of a sum, 192 of a sum of squares, seven a byte. */
export const MOMENTS_BYTES_MAX = 8 + 18 + 28;

export function momentsOf(event: FeatureEvent, declaration: FeatureDeclaration): Moments | undefined {
  const value = numberOf(event, declaration);
  if (value === undefined) return undefined;
  const units = BigInt(toUnits(value, declaration.decimals));
  return { events: 1, units, squares: units * units };
}

export const joinMoments = (a: Moments, b: Moments): Moments => ({
  events: a.events + b.events,
  units: a.units + b.units,
  squares: a.squares + b.squares,
});

/** The variance of all the numbers (of the population), exact to 60 decimals before it is read as a double. */
export function varianceOf({ events, units, squares }: Moments, decimals: number): number {
  const count = BigInt(events);
  return Number(`${((count * squares - units * units) * 10n ** 60n) / (count * count)}e-${60 + 2 * decimals}`);
}

export function writeMoments(writer: StateWriter, { events, units, squares }: Moments): void {
  writer.whole(events).whole(units).whole(squares);
}

export const readMoments = (reader: StateReader): Moments => ({ events: reader.whole(), units: reader.big(), squares: reader.big() });
