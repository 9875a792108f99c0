import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketsSince, meanBefore } from './buckets.ts';
import type { Entry } from './entry.ts';
import { addEntry, BOUNDS, customerOf, emptyModel, entriesSince, forgetProfile, mergeProfiles, type ReadModel } from './read-model.ts';

const DAY_MS = 86_400_000;
const event = (n: number, profileId = 'p1', customer = ''): Entry => ({
  kind: 'event',
  id: `event/${n}`,
  atMs: n * DAY_MS,
  profileId,
  customer,
  name: 'Order Completed',
  lines: 0,
  fields: {},
});
const refused: Entry = {
  kind: 'rejected',
  id: 'rejected/1',
  atMs: 1,
  profileId: '',
  customer: '',
  code: 'FIELD_MISSING',
  field: 'order_id',
  reason: '',
  fix: '',
  source: 'app',
};

/** A model as plain data. */
const seen = (model: ReadModel) => ({
  profiles: [...model.profiles],
  live: entriesSince(model, 0),
  seconds: bucketsSince(model.seconds, 0),
  days: bucketsSince(model.days, 0),
  rejected: model.rejected,
  seq: model.seq,
});

test('a repeat changes nothing, wherever it comes', () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3 })), { maxLength: 60 });
  fc.assert(
    fc.property(runs, (run) => {
      const [plain, repeated] = [emptyModel(), emptyModel()];
      const known = new Set<number>();
      for (const [n, profile] of run) {
        if (!known.has(n)) addEntry(plain, event(n, `p${profile}`), n);
        expect(addEntry(repeated, event(n, `p${profile}`), n)).toBe(!known.has(n));
        known.add(n);
      }
      expect(seen(repeated)).toEqual(seen(plain));
    }),
  );
});

test('a profile keeps its newest entries and counts all of its events', () => {
  const model = emptyModel();
  for (let n = 0; n < BOUNDS.timelineMax + 5; n++) addEntry(model, event(n));
  const { timeline, events } = model.profiles.get('p1') ?? expect.unreachable();
  expect(timeline.map(({ id }) => id)).toEqual(Array.from({ length: BOUNDS.timelineMax }, (_, i) => `event/${i + 5}`));
  expect(events).toBe(BOUNDS.timelineMax + 5);
});

test('where there are too many profiles the quietest goes', () => {
  const model = emptyModel({ ...BOUNDS, profilesMax: 2 });
  addEntry(model, event(1, 'p1'));
  addEntry(model, event(2, 'p2'));
  addEntry(model, event(3, 'p1'));
  addEntry(model, event(4, 'p3'));
  expect([...model.profiles.keys()]).toEqual(['p1', 'p3']);
});

test('the feed, the seconds, the days and the known ids are bounded', () => {
  const model = emptyModel({ ...BOUNDS, liveMax: 3, secondsMax: 4, daysMax: 5, idsMax: 6 });
  for (let n = 0; n < 50; n++) addEntry(model, event(n), n);
  expect(entriesSince(model, 0).map(({ id }) => id)).toEqual(['event/49', 'event/48', 'event/47']);
  expect(bucketsSince(model.seconds, 0).map(({ at }) => at)).toEqual([46, 47, 48, 49]);
  expect(bucketsSince(model.days, 0).map(({ at }) => at)).toEqual([45, 46, 47, 48, 49]);
  expect(model.ids.newer.size + model.ids.older.size).toBeLessThanOrEqual(6);
});

test('what lay in the log before the start counts for its day and for no second', () => {
  const model = emptyModel();
  addEntry(model, event(7));
  expect(bucketsSince(model.seconds, 0)).toEqual([]);
  expect(bucketsSince(model.days, 0)).toEqual([{ at: 7, counts: { 'Order Completed': 1 }, seq: 1 }]);
});

test('the rate is the mean of whole seconds before now', () => {
  const model = emptyModel();
  for (let n = 0; n < 10; n++) addEntry(model, event(n), n < 6 ? 99 : 100);
  expect(meanBefore(model.seconds, 100, 5)).toBe(6 / 5);
});

test('a step tells what came since the one before, newest first', () => {
  const model = emptyModel();
  addEntry(model, event(1), 1);
  const { seq } = model;
  addEntry(model, event(2), 2);
  addEntry(model, event(3), 2);
  expect(entriesSince(model, seq).map(({ id }) => id)).toEqual(['event/3', 'event/2']);
  expect(bucketsSince(model.seconds, seq).map(({ at }) => at)).toEqual([2]);
});

test('an entry that came before its customer was known is told with the customer', () => {
  const model = emptyModel();
  addEntry(model, event(1, 'p1'));
  addEntry(model, event(2, 'p1', '13085'));
  expect(entriesSince(model, 0).map(({ customer }) => customer)).toEqual(['13085', '13085']);
});

test('a rejected event is counted and belongs to no profile', () => {
  const model = emptyModel();
  addEntry(model, refused);
  expect({ rejected: model.rejected, profiles: model.profiles.size, live: entriesSince(model, 0) }).toEqual({ rejected: 1, profiles: 0, live: [refused] });
});

test('what lay in the log before the start comes out by time, in whatever order its topics are read', () => {
  const told = (n: number): Entry => (n % 2 === 0 ? event(n) : { ...event(n), kind: 'entered', id: `change/${n}`, segment: 'vip' });
  const all = Array.from({ length: 40 }, (_, n) => told(n));
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
      const model = emptyModel({ ...BOUNDS, liveMax: 10, timelineMax: 20 });
      for (const entry of order) addEntry(model, entry);
      expect(model.profiles.get('p1')?.timeline).toEqual(all.slice(-20));
      expect(entriesSince(model, 0)).toEqual(all.slice(-10).toReversed());
    }),
  );
});

test('a decision stands after the segment that caused it in the same millisecond', () => {
  const model = emptyModel();
  const decided: Entry = { ...event(1), kind: 'decided', id: 'd', decisionId: 'd', campaign: 'c', outcome: 'NOTHING', offer: '', message: '', explored: false };
  addEntry(model, decided);
  addEntry(model, { ...event(1), kind: 'entered', id: 'e', segment: 'vip' });
  expect(model.profiles.get('p1')?.timeline.map(({ kind }) => kind)).toEqual(['entered', 'decided']);
});

test('a rejected event can still be seen when many others have come since', () => {
  const model = emptyModel({ ...BOUNDS, liveMax: 5 });
  addEntry(model, refused, 0);
  for (let n = 0; n < 20; n++) addEntry(model, event(n), 1);
  expect(entriesSince(model, 0)).toHaveLength(6);
  expect(entriesSince(model, 0).at(-1)).toEqual(refused);
  expect(entriesSince(model, 1)).not.toContainEqual(refused);
});

test('what was seen of a visitor is the customer’s once the visitor is known, whichever of their records is read first', () => {
  const records = [event(1, 'p_v', 'v-1'), event(2, 'p_ada', 'ada'), event(3, 'p_v', 'v-1')];
  for (let mergeAt = 0; mergeAt <= records.length; mergeAt++) {
    const model = emptyModel();
    for (const [place, entry] of records.entries()) {
      if (place === mergeAt) mergeProfiles(model, 'p_v', 'p_ada');
      addEntry(model, entry);
    }
    mergeProfiles(model, 'p_v', 'p_ada');
    expect([...model.profiles.keys()]).toEqual(['p_ada']);
    const { events, newestMs, timeline } = model.profiles.get('p_ada') ?? { timeline: [] };
    expect({ events, newestMs }).toEqual({ events: 3, newestMs: 3 * DAY_MS });
    expect(timeline.map(({ id }) => id)).toEqual(['event/1', 'event/2', 'event/3']);
    expect(model.profiles.get('p_ada')?.events).toBe(3);
    expect(customerOf(model, 'p_v')).toBe(customerOf(model, 'p_ada'));
  }
});

test('events that a visitor’s timeline had let go of still count', () => {
  const model = emptyModel({ ...BOUNDS, timelineMax: 2 });
  for (let n = 1; n <= 5; n++) addEntry(model, event(n, 'p_v'));
  mergeProfiles(model, 'p_v', 'p_ada');
  expect(model.profiles.get('p_ada')?.events).toBe(5);
});

test('who is forgotten is forgotten as a visitor too', () => {
  const model = emptyModel();
  addEntry(model, event(1, 'p_v', 'v-1'));
  addEntry(model, event(2, 'p_ada', 'ada'));
  mergeProfiles(model, 'p_v', 'p_ada');
  forgetProfile(model, 'p_ada');
  expect(entriesSince(model, 0)).toEqual([]);
});
