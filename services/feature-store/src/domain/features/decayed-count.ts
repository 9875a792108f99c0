import { leftAfter, STEPS_PER_HALF_LIFE, startOfStep, stepOf } from './decay.ts';
import { type FeatureKind, folds, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';
import { AHEAD_MAX_MS } from './tally.ts';

const VERSION = 1;
const DAY_MS = 86_400_000;
/** What happened longer ago counts less than 1 / 65,536, and is let go of. */
const HALF_LIVES_MAX = 16;
const STEPS_MAX = HALF_LIVES_MAX * STEPS_PER_HALF_LIFE;

/** Events of one step of time. */
interface Step {
  readonly index: number;
  readonly events: number;
}

/** Ascending by index, none twice. */
export type DecayedCount = readonly Step[];

/**
 * The number of events, each counting 1 when it happens and half as much after every half-life. Time moves in sixteenths of a half-life, the same for
 * all events: between two steps nothing changes. Read to a billionth. 0 when none.
 */
export const decayedCount: FeatureKind<DecayedCount> = {
  spec: {
    keyword: 'decayed_count',
    operand: 'event',
    options: { half_life: { type: 'half_life', required: true, doc: 'After so long an event counts half; from 1h to a year.' } },
    result: 'number',
    bytesMax: ({ halfLifeMs = DAY_MS }) => 16 + 10 * (STEPS_MAX + 3 + stepOf(AHEAD_MAX_MS, halfLifeMs)),
    doc: 'How often the event happened, where each time counts half after every half-life: in steps of a sixteenth of it, so at most 4.4 % too much; what is older than 16 half-lives counts nothing.',
  },
  init: () => [],
  step: (state, event, declaration) =>
    folds(declaration, event) ? union(state, [{ index: stepOf(event.timestampMs, declaration.halfLifeMs), events: 1 }], declaration.halfLifeMs) : state,
  merge: (a, b, { halfLifeMs }) => union(a, b, halfLifeMs),
  read: (state, nowMs, { halfLifeMs }) => present(valueAt(state, stepNow(state, nowMs, halfLifeMs))),
  nextChangeMs(state, nowMs, { halfLifeMs = DAY_MS }) {
    const now = stepNow(state, nowMs, halfLifeMs);
    const oldest = state.find(({ index }) => index >= now - STEPS_MAX);
    return oldest && startOfStep(Math.max(now, oldest.index) + 1, halfLifeMs);
  },
  encode(state) {
    const writer = new StateWriter(VERSION).whole(state.length);
    state.forEach(({ index, events }, i) => {
      writer.whole(index - (state[i - 1]?.index ?? 0)).whole(events);
    });
    return writer.done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    let index = 0;
    return Array.from({ length: reader.whole() }, () => {
      index += reader.whole();
      return { index, events: reader.whole() };
    });
  },
};

/** The step to read at: no earlier than a day before the newest event, for what was older then is let go of. */
const stepNow = (state: DecayedCount, nowMs: number, halfLifeMs?: number): number => Math.max(stepOf(nowMs, halfLifeMs), oldestNow(state, halfLifeMs));

const oldestNow = (state: DecayedCount, halfLifeMs?: number): number => (state.at(-1)?.index ?? 0) - stepOf(AHEAD_MAX_MS, halfLifeMs) - 1;

/** What lies ahead of the clock counts whole. */
function valueAt(state: DecayedCount, now: number): number {
  let sum = 0;
  for (const { index, events } of state) if (index >= now - STEPS_MAX) sum += events * leftAfter(Math.max(0, now - index));
  return Math.round(sum * 1e9) / 1e9;
}

function union(a: DecayedCount, b: DecayedCount, halfLifeMs?: number): DecayedCount {
  const counts = new Map<number, number>();
  for (const { index, events } of [...a, ...b]) counts.set(index, (counts.get(index) ?? 0) + events);
  const all = [...counts].map(([index, events]) => ({ index, events })).toSorted((x, y) => x.index - y.index);
  const first = oldestNow(all, halfLifeMs) - STEPS_MAX;
  return all.filter(({ index }) => index >= first);
}
