import { type FeatureKind, folds, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;
const DAY_MS = 86_400_000;
/** Weeks begin on Monday; 1 January 1970 was a Thursday. */
const MONDAY_MS = 3 * DAY_MS;
/** So many periods are looked back at: no streak is longer. */
export const STREAK_MAX = 366;

/** The days or weeks with an event, newest first, none twice: those that are less than STREAK_MAX before the newest. */
export type Streak = readonly number[];

/** How many days or weeks in a row had the event, up to the newest. 0 when a whole one has passed without it since, and before the first. In UTC. */
export const streak: FeatureKind<Streak> = {
  spec: {
    keyword: 'streak',
    operand: 'event',
    options: { every: { type: 'period', required: true, doc: 'What is counted: `day` or `week`, from Monday, in UTC.' } },
    result: 'number',
    bytesMax: () => 8 + 2 * STREAK_MAX,
    doc: 'How many days or weeks in a row had the event, at most 366; 0 once a whole one has passed without it.',
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? union(state, [periodOf(event.timestampMs, declaration.periodMs)]) : state),
  merge: union,
  read: (state, nowMs, { periodMs }) => present(isBroken(state, nowMs, periodMs) ? 0 : lengthOf(state)),
  nextChangeMs(state, nowMs, { periodMs = DAY_MS }) {
    const [newest] = state;
    return newest === undefined || isBroken(state, nowMs, periodMs) ? undefined : startOf(newest + 2, periodMs);
  },
  encode(state) {
    const writer = new StateWriter(VERSION).whole(state.length);
    state.forEach((period, i) => {
      writer.whole((state[i - 1] ?? 0) - period);
    });
    return writer.done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    let after = 0;
    return Array.from({ length: reader.whole() }, () => {
      after -= reader.whole();
      return after;
    });
  },
};

const offsetOf = (periodMs: number): number => (periodMs === DAY_MS ? 0 : MONDAY_MS);
const periodOf = (atMs: number, periodMs = DAY_MS): number => Math.floor((atMs + offsetOf(periodMs)) / periodMs);
const startOf = (period: number, periodMs: number): number => period * periodMs - offsetOf(periodMs);

/** True once the period after the newest one has passed. */
const isBroken = ([newest]: Streak, nowMs: number, periodMs: number | undefined): boolean => newest === undefined || periodOf(nowMs, periodMs) > newest + 1;

function lengthOf(state: Streak): number {
  const gap = state.findIndex((period, i) => i > 0 && period !== (state[i - 1] ?? period) - 1);
  return gap < 0 ? state.length : gap;
}

function union(a: Streak, b: Streak): Streak {
  if (b.every((period) => a.includes(period))) return a;
  const all = [...new Set([...a, ...b])].toSorted((x, y) => y - x);
  const [newest = 0] = all;
  return all.filter((period) => period > newest - STREAK_MAX);
}
