import { fromUnits } from './features/scaled.ts';

/** An event that a label counts. */
export interface LabelEvent {
  readonly timestampMs: number;
  readonly receivedAtMs: number;
  /** What it adds to a sum, in units of 10^-decimals; 1 for what is counted. */
  readonly units: bigint;
}

/** What a label asks. */
export interface LabelRule {
  readonly kind: 'event' | 'count' | 'sum';
  readonly withinMs: number;
  /** Of a sum. */
  readonly decimals?: number;
}

/**
 * The label of a moment: over what happened after it and at most `withinMs` later, as far as nobody could know it at the moment. 1 or 0 of an event, else how
 * often, or the exact sum. `events` are those of the customer, sorted by time.
 */
export function labelOf(events: readonly LabelEvent[], { kind, withinMs, decimals = 0 }: LabelRule, atMs: number): number {
  let units = 0n;
  for (let i = firstAfter(events, atMs); i < events.length; i++) {
    const event = events[i];
    if (event === undefined || event.timestampMs > atMs + withinMs) break;
    if (event.receivedAtMs <= atMs) continue;
    if (kind === 'event') return 1;
    units += event.units;
  }
  return kind === 'sum' ? fromUnits(units, decimals) : Number(units);
}

function firstAfter(events: readonly LabelEvent[], atMs: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.timestampMs ?? 0) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
