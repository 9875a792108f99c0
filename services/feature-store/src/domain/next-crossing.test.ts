import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalOf, DAY, folded, HOUR, historyOf, rules, START, tracked } from '../gift-barn.fixture.ts';
import { type RuleValues, segmentsThatHold } from './find-transitions.ts';
import { ASTRAY_MS, BREAKPOINTS_MAX, nextCrossing } from './next-crossing.ts';
import { type Profile, stateOf } from './profile.ts';
import { readFeatures, readTraits, ruleValues } from './read-profile.ts';

const holdingAt = (profile: Profile, nowMs: number) =>
  segmentsThatHold(rules.segments, ruleValues([...readFeatures(profile, rules, nowMs), ...readTraits(profile, rules)]));

/** Every breakpoint of every feature, later than `fromMs`, up to `untilMs`. */
function* breakpoints(profile: Profile, fromMs: number, untilMs: number): Generator<number> {
  for (let atMs = fromMs; ; ) {
    const next = rules.features.map(
      (feature) => feature.kind.nextChangeMs?.(stateOf(profile, feature).state, atMs, feature.declaration) ?? Number.POSITIVE_INFINITY,
    );
    const afterMs = atMs;
    atMs = Math.min(...next);
    if (!(atMs > afterMs)) throw new Error(`the next change after ${afterMs} is ${atMs}, which is not later`);
    if (atMs > untilMs) return;
    yield atMs;
  }
}

test('the moment that a profile waits for is the first at which any segment changes by time alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (seed, places) => {
      const profile = folded(historyOf(seed));
      const { logTimeMs, dueAtMs, segments } = profile;
      const horizon = dueAtMs ?? logTimeMs + 400 * DAY;
      for (const atMs of breakpoints(profile, logTimeMs, horizon))
        if (atMs !== dueAtMs) expect({ atMs, holding: holdingAt(profile, atMs) }).toEqual({ atMs, holding: segments });
      for (const place of places) {
        const atMs = Math.floor(logTimeMs + place * (horizon - logTimeMs - 1));
        if (atMs > logTimeMs) expect({ atMs, holding: holdingAt(profile, atMs) }).toEqual({ atMs, holding: segments });
      }
    }),
    { numRuns: 200 },
  );
});

test('a moment at which nothing changes is only answered after as many looks as are allowed', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const history = historyOf(seed);
      const profile = folded([...history, tracked('Order Completed', Math.max(START, ...history.map(arrivalOf)), { total: 1 })]);
      const { logTimeMs, dueAtMs, segments } = profile;
      if (dueAtMs === undefined || holdingAt(profile, dueAtMs).join() !== segments.join()) return;
      expect([...breakpoints(profile, logTimeMs, dueAtMs)].length).toBeGreaterThanOrEqual(BREAKPOINTS_MAX);
    }),
  );
});

test('a rule that some other value has decided is not walked', () => {
  let looks = 0;
  const counted = rules.segments.map(({ name, rule }) => ({
    name,
    rule: {
      ...rule,
      evaluate(values: RuleValues) {
        looks++;
        return rule.evaluate(values);
      },
    },
  }));
  const daily = {
    valueAt: (nowMs: number) => Math.floor((nowMs - START) / DAY),
    nextChangeMs: (nowMs: number) => START + (Math.floor((nowMs - START) / DAY) + 1) * DAY,
  };
  const still = { segments: counted, holding: ['first_timer'], nowMs: START, traits: {}, varying: new Map([['days_since_order', daily]]) };
  expect(nextCrossing({ ...still, constant: { orders: 1, spend_90d: 1, lost_to_cancel: 0 } })).toBeUndefined();
  expect(looks).toBe(1);
  expect(nextCrossing({ ...still, holding: [], constant: { orders: 3, usual_gap_days: 40, spend_90d: 1, lost_to_cancel: 0 } })).toBe(START + 61 * DAY);
});

test('a rule that compares what varies with a bound is asked where the bound is reached, however far that is', () => {
  const gap = 200;
  const profile = folded([0, gap, 2 * gap].map((days) => tracked('Order Completed', START + days * DAY, { total: 1 })));
  expect(profile.dueAtMs).toBe(START + (2 * gap + 301) * DAY);
  expect(holdingAt(profile, START + (2 * gap + 301) * DAY + HOUR)).toEqual(['lapsing']);
});

test('what varies in another way is walked, and looked at again after so many changes', () => {
  const segments = rules.segments.map((segment) => {
    const moves = { atoms: [], others: segment.rule.reads.features };
    return { ...segment, rule: { ...segment.rule, moves } };
  });
  const daily = {
    valueAt: (nowMs: number) => Math.floor((nowMs - START) / DAY),
    nextChangeMs: (nowMs: number) => START + (Math.floor((nowMs - START) / DAY) + 1) * DAY,
  };
  const still = { segments, holding: [], nowMs: START, traits: {}, varying: new Map([['days_since_order', daily]]) };
  expect(nextCrossing({ ...still, constant: { orders: 3, usual_gap_days: 40, spend_90d: 1, lost_to_cancel: 0 } })).toBe(START + 61 * DAY);
  expect(nextCrossing({ ...still, constant: { orders: 3, usual_gap_days: 200, spend_90d: 1, lost_to_cancel: 0 } })).toBe(START + BREAKPOINTS_MAX * DAY);
});

test('a kind that names a moment which is not later makes no profile due without end: it is looked at again an hour later, and once an hour', () => {
  const from = START + 60 * DAY;
  const lost = {
    valueAt: (nowMs: number) => Math.floor((nowMs - START) / DAY),
    nextChangeMs: (nowMs: number) => START + Math.floor((nowMs - START) / DAY) * DAY,
    nextSideMs: (nowMs: number) => nowMs,
  };
  const still = { segments: rules.segments, nowMs: from, traits: {}, varying: new Map([['days_since_order', lost]]) };
  const constant = { orders: 3, usual_gap_days: 40, spend_90d: 1, lost_to_cancel: 0 };
  expect(nextCrossing({ ...still, holding: ['lapsing'], constant })).toBe(from + ASTRAY_MS);
  expect(nextCrossing({ ...still, holding: [], constant })).toBe(START + 61 * DAY);
  expect(nextCrossing({ ...still, holding: [], constant: { ...constant, usual_gap_days: 200 } })).toBe(from + BREAKPOINTS_MAX * ASTRAY_MS);
});
