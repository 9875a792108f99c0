import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalOf, DAY, historyOf, rules, START, tracked } from '../gift-barn.fixture.ts';
import { consentOf } from './consent.ts';
import { foldProfile, type Happening } from './fold-profile.ts';
import { foldsOf } from './move-folds.ts';
import { emptyProfile, LEAVES_MAX, type Profile } from './profile.ts';
import { readFeatures, readTraits } from './read-profile.ts';

interface Done {
  readonly leaf: string;
  readonly happening: Happening;
}

const newProfile = (profileId: string): Profile => ({ ...emptyProfile(), tenant: 'default', profileId });

/** Folds what was done into the profile, each under the leaf that did it, from an accepted offset on. */
function foldDone(profile: Profile, done: readonly Done[], from = 0): Profile {
  for (const [i, { leaf, happening }] of done.entries()) foldProfile(profile, { leaf, acceptedPartition: 0, acceptedOffset: from + i, happening }, rules);
  return profile;
}

/** The folds of a visitor who did this and became known. */
const movedBy = (done: readonly Done[], { leaf = 'visitor', linkId = '0/99', from = 0 } = {}): Happening => {
  const profile = foldDone(newProfile(`p_${leaf}`), done, from);
  return { kind: 'moved', folds: structuredCloneOf(foldsOf(profile, linkId)) };
};

/** As after a way through the log: nothing is shared with the profile that they left. */
function structuredCloneOf<T>(folds: T): T {
  const copyOf = (value: unknown): unknown => {
    if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, copyOf(entry)]));
    if (Array.isArray(value)) return value.map(copyOf);
    if (typeof value !== 'object' || value === null || 'step' in value) return value; // a kind stays the kind that it is
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyOf(entry)]));
  };
  return copyOf(folds) as T;
}

const install = (profile: Profile, moved: Happening) => foldProfile(profile, { leaf: '', acceptedPartition: 0, acceptedOffset: -1, happening: moved }, rules);
const by = (leaf: string, history: readonly Happening[]): readonly Done[] => history.map((happening) => ({ leaf, happening }));

/** All that a reader sees, once the same time has passed. */
function knownAt(profile: Profile, nowMs: number) {
  foldProfile(profile, { leaf: '', acceptedPartition: 0, acceptedOffset: -1, happening: { kind: 'due', dueAtMs: nowMs } }, rules);
  const { events, late, newestMs, logTimeMs, segments, dueAtMs } = profile;
  const values = [...readFeatures(profile, rules, nowMs), ...readTraits(profile, rules)];
  return { events, late, newestMs, logTimeMs, segments, dueAtMs, values, consent: consentOf(profile, rules) };
}

test('what a visitor did and what the customer did is one history, wherever the folds come among the customer’s records', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.nat(), (before, after, own, place) => {
      const [visited, later, customers] = [by('visitor', historyOf(before)), by('visitor', historyOf(after)), by('customer', historyOf(own))];
      const straight = [...customers, ...later];
      const cut = place % (straight.length + 1);
      const nowMs = Math.max(START, ...[...visited, ...straight].map(({ happening }) => arrivalOf(happening))) + DAY;

      const whole = foldDone(newProfile('p_ada'), [...visited, ...straight]);
      const merged = newProfile('p_ada');
      foldDone(merged, straight.slice(0, cut), visited.length);
      install(merged, movedBy(visited));
      foldDone(merged, straight.slice(cut), visited.length + cut);
      expect(knownAt(merged, nowMs)).toEqual(knownAt(whole, nowMs));
    }),
    { numRuns: 60 },
  );
});

test('folds that come twice are installed once', () => {
  const profile = foldDone(newProfile('p_ada'), by('customer', [tracked('Order Completed', START, { total: 5 })]));
  const visited = by('visitor', [tracked('Order Completed', START, { total: 7 }), tracked('Product Viewed', START)]);
  expect(install(profile, movedBy(visited)).fresh).toBe(true);
  expect(install(profile, movedBy(visited))).toEqual({ fresh: false, late: false, transitions: [] });
  expect(knownAt(profile, START)).toMatchObject({ events: 3 });
  expect(profile.merged).toEqual([{ linkId: '0/99', profileId: 'p_visitor' }]);
});

test('visitors may come in any order, and more of them than leaves are kept apart lose nothing', () => {
  const visitors = Array.from({ length: LEAVES_MAX + 3 }, (_, i) => ({ leaf: `visitor-${i}`, linkId: `0/${i}` }));
  const moved = visitors.map((visitor, i) => movedBy(by(visitor.leaf, [tracked('Order Completed', START + i * DAY, { total: i + 1 })]), visitor));
  const nowMs = START + 20 * DAY;
  const known = [moved, moved.toReversed()].map((all) => {
    const profile = newProfile('p_ada');
    for (const one of all) install(profile, one);
    expect(profile.leaves.size).toBe(LEAVES_MAX);
    return knownAt(profile, nowMs);
  });
  expect(known[0]).toEqual(known[1]);
  expect(known[0]?.values).toContainEqual(expect.objectContaining({ name: 'orders', value: 11 }));
  expect(known[0]?.values).toContainEqual(expect.objectContaining({ name: 'spend_90d', value: 66 }));
});

const said = (granted: boolean, receivedAtMs: number): Happening => ({ kind: 'consent', receivedAtMs, purposes: { marketing: granted } });
const allows = (profile: Profile) => consentOf(profile, rules)['marketing'];

test('a visitor who denied denies for the customer, and one who agreed agrees where the customer said nothing', () => {
  const granting = foldDone(newProfile('p_ada'), by('customer', [said(true, START)]));
  install(granting, movedBy(by('visitor', [said(false, START - DAY)])));
  expect(allows(granting)).toBe(false);
  const silent = newProfile('p_ada');
  install(silent, movedBy(by('visitor', [said(true, START)])));
  expect(allows(silent)).toBe(true);
});

test('what a visitor said after the link counts before what came with the folds, which is older', () => {
  const profile = foldDone(newProfile('p_ada'), by('visitor', [said(true, START)]), 100);
  install(profile, movedBy(by('visitor', [said(false, START)])));
  expect(allows(profile)).toBe(true);
});

test('where identifiers have to share a leaf, a denial is not undone by what another one allowed', () => {
  for (const words of [
    [true, false],
    [false, true],
  ] as const) {
    const profile = newProfile('p_ada');
    for (let i = 0; i < LEAVES_MAX; i++)
      install(profile, movedBy(by(`full-${i}`, [tracked('Product Viewed', START)]), { leaf: `full-${i}`, linkId: `1/${i}` }));
    for (const [i, granted] of words.entries()) install(profile, movedBy(by(`more-${i}`, [said(granted, START)]), { leaf: `more-${i}`, linkId: `2/${i}` }));
    expect(allows(profile)).toBe(false);
  }
});

test('the customer enters at the moment of the merge what both together are', () => {
  const profile = foldDone(newProfile('p_ada'), by('customer', [tracked('Order Completed', START, { total: 800 })]));
  const { transitions } = install(profile, movedBy(by('visitor', [tracked('Order Completed', START + DAY, { total: 700 })])));
  const words = transitions.map(({ segment, entered, atMs }) => `${entered ? 'entered' : 'left'} ${segment.name} on day ${(atMs - START) / DAY}`);
  expect(words).toEqual(['left first_timer on day 1', 'entered vip on day 1']);
});

test('folds of another declaration are let go of, as at a change of the configuration', () => {
  const other = { ...rules, version: 'other', features: rules.features.map((feature) => ({ ...feature, signature: feature.signature + 1 })) };
  const profile = newProfile('p_ada');
  foldProfile(
    profile,
    { leaf: '', acceptedPartition: 0, acceptedOffset: -1, happening: movedBy(by('visitor', [tracked('Order Completed', START, { total: 5 })])) },
    other,
  );
  expect(profile.leaves.get('visitor')?.features.size).toBe(0);
  expect(profile.events).toBe(1);
});

test('what is personal does not come back to a customer who was erased', () => {
  const profile: Profile = { ...newProfile('p_ada'), personal: 'erased' };
  const told: Happening = {
    kind: 'event',
    call: 'identify',
    receivedAtMs: START,
    event: { name: '', timestampMs: START, messageId: 'm', fields: { email: 'v@example.com', country: 'GB' } },
  };
  install(profile, movedBy(by('visitor', [told])));
  expect([...(profile.leaves.get('visitor')?.traits.keys() ?? [])]).toEqual(['country']);
});
