import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalOf, configuration, DAY, folded, foldInto, HOUR, historyOf, rules, START, shuffled, tracked } from '../gift-barn.fixture.ts';
import { consentOf } from './consent.ts';
import { foldProfile, type Happening } from './fold-profile.ts';
import { emptyProfile, LEAVES_MAX, type Profile } from './profile.ts';
import { rulesOf } from './profile-rules.ts';
import { readFeatures, readTraits } from './read-profile.ts';

const words = (transitions: readonly { entered: boolean; segment: { name: string }; atMs: number; byTime: boolean }[]) =>
  transitions.map(
    ({ entered, segment, atMs, byTime }) => `${entered ? 'entered' : 'left'} ${segment.name} on day ${(atMs - START) / DAY}${byTime ? ' by time' : ''}`,
  );
const valuesOf = (profile: Profile, nowMs: number) => Object.fromEntries(readFeatures(profile, rules, nowMs).map(({ name, value }) => [name, value]));

/** All that the order of arrival may not change, once the same time has passed. */
function knownAt(profile: Profile, nowMs: number) {
  foldInto(profile, [{ kind: 'due', dueAtMs: nowMs }]);
  const { events, late, newestMs, logTimeMs, segments } = profile;
  return {
    events,
    late,
    newestMs,
    logTimeMs,
    segments,
    values: [...readFeatures(profile, rules, nowMs), ...readTraits(profile, rules)],
    consent: consentOf(profile, rules),
  };
}

test('the order in which events arrive changes nothing that a reader sees', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: 200 }), (seed, order, days) => {
      const history = historyOf(seed);
      const otherOrder = shuffled(history, order);
      const nowMs = Math.max(START, ...history.map(arrivalOf)) + days * DAY;
      expect(knownAt(folded(otherOrder), nowMs)).toEqual(knownAt(folded(history), nowMs));
    }),
  );
});

test('a repeated activity changes nothing, wherever it comes', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), (seed, first, second) => {
      const history = historyOf(seed);
      const once = folded(history);
      const twice = { ...emptyProfile(), tenant: 'default', profileId: 'p_ann' };
      const repeatAt = history.length === 0 ? 0 : Math.max(first, second) % history.length;
      const from = history.length === 0 ? 0 : Math.min(first % (repeatAt + 1), repeatAt);
      foldInto(twice, history.slice(0, repeatAt + 1));
      expect(foldInto(twice, history.slice(from, repeatAt + 1), from)).toEqual([]);
      foldInto(twice, history.slice(repeatAt + 1), repeatAt + 1);
      expect(twice).toEqual(once);
    }),
  );
});

test('an activity without an accepted offset is never a repeat', () => {
  const profile = emptyProfile();
  const record = { leaf: 'leaf', acceptedPartition: 0, acceptedOffset: -1, happening: tracked('Order Completed', START, { total: 1 }) };
  foldProfile(profile, record, rules);
  foldProfile(profile, record, rules);
  expect(profile.events).toBe(2);
});

test('a customer enters and leaves segments with what he does, in the order of their names', () => {
  const profile = folded([]);
  expect(words(foldInto(profile, [tracked('Order Completed', START, { total: 2_000 })]))).toEqual(['entered first_timer on day 0', 'entered vip on day 0']);
  expect(words(foldInto(profile, [tracked('Order Completed', START + DAY, { total: 1 })], 1))).toEqual(['left first_timer on day 1']);
});

test('what time did before a record is found at its exact moment, though nobody looked', () => {
  const profile = folded([0, 10, 20].map((day) => tracked('Order Completed', START + day * DAY, { total: 10 })));
  const found = foldInto(profile, [tracked('Order Completed', START + 200 * DAY, { total: 10 })], 3);
  expect(words(found)).toEqual(['entered lapsing on day 51 by time', 'left lapsing on day 200']);
});

test('a due record that finds nothing due changes nothing', () => {
  const profile = folded([tracked('Order Completed', START, { total: 10 })]);
  const before = structuredClone({ ...profile, leaves: [] });
  expect(foldInto(profile, [{ kind: 'due', dueAtMs: START }])).toEqual([]);
  expect({ ...profile, leaves: [] }).toEqual(before);
});

test('a segment by a sliding window is left when the window has passed the event', () => {
  const profile = folded([tracked('Order Cancelled', START, { total: 100 })]);
  expect(profile.segments).toEqual(['let_down']);
  const left = foldInto(profile, [{ kind: 'due', dueAtMs: profile.dueAtMs ?? 0 }]);
  expect(words(left)).toEqual(['left let_down on day 14.5 by time']);
});

test('an event later than allowed is counted and folded into no feature', () => {
  const profile = folded([
    tracked('Order Completed', START, { total: 10, delayMs: 7 * DAY }),
    tracked('Order Completed', START, { total: 10, delayMs: 7 * DAY + 1 }),
  ]);
  expect(profile).toMatchObject({ events: 1, late: 1 });
  expect(valuesOf(profile, START)['orders']).toBe(1);
});

test('before any configuration consent and events are kept, and features begin with the first', () => {
  const profile = emptyProfile();
  const none = rulesOf({ ...configuration, version: '', features: [], segments: [], traits: {} });
  const record = (happening: Happening, acceptedOffset: number) => ({ leaf: 'leaf', acceptedPartition: 0, acceptedOffset, happening });
  foldProfile(profile, record({ kind: 'consent', receivedAtMs: START, purposes: { marketing: true } }, 0), none);
  foldProfile(profile, record(tracked('Order Completed', START, { total: 5 }), 1), none);
  foldProfile(profile, record(tracked('Order Completed', START + HOUR, { total: 5 }), 2), rules);
  expect(profile.events).toBe(2);
  expect(valuesOf(profile, START)['orders']).toBe(1);
  expect(consentOf(profile, rules)).toEqual({ service: true, personalise: true, marketing: true });
});

test('a feature that is declared otherwise starts empty, and the others go on', () => {
  const profile = folded([tracked('Order Completed', START, { total: 10 })]);
  const shorter = configuration.features.map((feature) => (feature.name === 'spend_90d' ? { ...feature, windowMs: 30 * DAY } : feature));
  const others = rulesOf({ ...configuration, version: 'other', features: shorter });
  foldProfile(profile, { leaf: 'leaf', acceptedPartition: 0, acceptedOffset: 9, happening: tracked('Product Viewed', START + HOUR) }, others);
  const values = Object.fromEntries(readFeatures(profile, others, START + HOUR).map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({ spend_90d: 0, orders: 1 });
});

test('the word on a purpose that stands later in the log counts, also where the clock of its door was behind', () => {
  const profile = folded([]);
  const word = (marketing: boolean, receivedAtMs: number): Happening => ({ kind: 'consent', receivedAtMs, purposes: { marketing } });
  foldInto(profile, [word(true, START + 1), word(false, START)]);
  expect(consentOf(profile, rules)['marketing']).toBe(false);
  foldInto(profile, [word(true, START - 1)], 2);
  expect(consentOf(profile, rules)['marketing']).toBe(true);
});

test('one leaf that denies denies for all, and further leaves than are kept apart lose nothing', () => {
  const profile = emptyProfile();
  const consent = (leaf: string, granted: boolean) =>
    foldProfile(
      profile,
      { leaf, acceptedPartition: 0, acceptedOffset: -1, happening: { kind: 'consent', receivedAtMs: START, purposes: { marketing: granted } } },
      rules,
    );
  consent('a', true);
  expect(consentOf(profile, rules)['marketing']).toBe(true);
  consent('b', false);
  expect(consentOf(profile, rules)['marketing']).toBe(false);
  for (let leaf = 0; leaf < 20; leaf++) {
    foldProfile(
      profile,
      { leaf: `leaf${leaf}`, acceptedPartition: leaf, acceptedOffset: 5, happening: tracked('Order Completed', START + leaf, { total: 1 }) },
      rules,
    );
  }
  expect(profile.leaves.size).toBe(LEAVES_MAX);
  expect(valuesOf(profile, START)).toMatchObject({ orders: 20, spend_90d: 20 });
});
