import { type FeatureKind, folds, missing, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;
const DAY_MS = 86_400_000;
/** The last moment that there is: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MOMENT_MAX_MS = 8.64e15;

/** The newest event, in ms since 1970; undefined until there is one. */
export type Newest = number | undefined;

/** Whole units that passed since the newest event, rounded down; 0 while that lies ahead of the clock, missing before the first. Unit: days when absent. */
export const timeSince: FeatureKind<Newest> = {
  spec: {
    keyword: 'time_since',
    operand: 'event',
    options: { unit: { type: 'unit', required: true, doc: 'The unit of the answer; whole units are counted.' } },
    result: 'number',
    bytesMax: () => 32,
    doc: 'How many whole units of time passed since the event last happened.',
  },
  init: () => undefined,
  step: (state, event, declaration) => (folds(declaration, event) ? later(state, event.timestampMs) : state),
  merge: later,
  read: (state, nowMs, { unitMs = DAY_MS }) => (state === undefined ? missing : present(unitsSince(state, nowMs, unitMs))),
  nextChangeMs: (state, nowMs, { unitMs = DAY_MS }) => (state === undefined ? undefined : state + (unitsSince(state, nowMs, unitMs) + 1) * unitMs),
  nextSideMs: (state, nowMs, bound, { unitMs = DAY_MS }) => (state === undefined ? undefined : sideMs(state, nowMs, { bound, unitMs })),
  encode: (state) => (state === undefined ? new StateWriter(VERSION).whole(0) : new StateWriter(VERSION).whole(1).whole(state)).done(),
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    return reader.whole() === 0 ? undefined : reader.whole();
  },
};

function later(a: Newest, b: Newest): Newest {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/** The units only grow: they come to the bound, and beyond it. */
function sideMs(thenMs: number, nowMs: number, { bound, unitMs }: { readonly bound: number; readonly unitMs: number }): number | undefined {
  const units = unitsSince(thenMs, nowMs, unitMs);
  if (!(units <= bound)) return undefined;
  const atMs = thenMs + (units === bound ? units + 1 : Math.ceil(bound)) * unitMs;
  return atMs <= MOMENT_MAX_MS ? atMs : undefined;
}

function unitsSince(thenMs: number, nowMs: number, unitMs: number): number {
  return Math.max(0, Math.floor((nowMs - thenMs) / unitMs));
}
