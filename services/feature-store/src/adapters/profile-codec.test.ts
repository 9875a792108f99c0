import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { foldProfile } from '../domain/fold-profile.ts';
import { emptyProfile, type Profile } from '../domain/profile.ts';
import { rulesOf } from '../domain/profile-rules.ts';
import { readTraits } from '../domain/read-profile.ts';
import { configuration, DAY, folded, foldInto, historyOf, rules, START, tracked } from '../gift-barn.fixture.ts';
import { profileCodec } from './profile-codec.ts';

const stopwatch = { elapsedMs: () => 0, sleep: async () => {} };
const key = subjectKey('p_ann');
const ann = { email: 'ann@example.com', name: 'Ann', country: 'GB', language: 'en', gender: 'f' };
const told = { kind: 'event', call: 'identify', receivedAtMs: START, event: { name: '', timestampMs: START, messageId: 'm', fields: ann } } as const;

let store: SqliteKeyStore;
let ring: KeyRing;
beforeEach(async () => {
  store = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  ring = new KeyRing(store, stopwatch);
  await ring.ensure('default', [key]);
});
afterEach(() => store.close());

const bytesOf = (profile: Profile): Uint8Array => profileCodec(ring).encode({ profile }) ?? new Uint8Array();

/** What a profile is after its bytes, opened. */
function revived(bytes: Uint8Array, within = ring): Profile {
  const { profile = emptyProfile() } = profileCodec(within).decode(bytes);
  profileCodec(within).open(profile);
  return profile;
}

test('a fold that was stored and revived at any point comes to the same bytes and transitions, opened by need alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (seed, cut) => {
      const history = [told, ...historyOf(seed), { ...told, event: { ...told.event, messageId: 'n' } }];
      const at = cut % (history.length + 1);
      const whole = folded(history);
      const live = folded(history.slice(0, at));
      const { profile: stored = emptyProfile() } = profileCodec(ring).decode(bytesOf(live));
      const rest = history.slice(at);
      const seen = (profile: Profile) =>
        foldInto(profile, rest, at).map(({ segment, entered, atMs, inputs }) => ({ segment: segment.name, entered, atMs, inputs }));
      expect(seen(stored)).toEqual(seen(live));
      expect(bytesOf(stored)).toEqual(bytesOf(whole));
    }),
  );
});

test('a profile that is written after every record comes to the bytes of one that is written once', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const history = [told, ...historyOf(seed)];
      const often = folded([]);
      for (const [offset, happening] of history.entries()) {
        foldInto(often, [happening], offset);
        bytesOf(often);
      }
      expect(bytesOf(often)).toEqual(bytesOf(folded(history)));
    }),
  );
});

test('an identifier of which nothing is known but its place in the log changes nothing that is sealed', () => {
  const [often, once] = [folded([told]), folded([told])];
  bytesOf(often);
  for (const profile of [often, once]) foldProfile(profile, { leaf: 'device', acceptedPartition: 1, acceptedOffset: 7, happening: { kind: 'nothing' } }, rules);
  expect(bytesOf(often)).toEqual(bytesOf(once));
});

test('personal words do not stand in the bytes, and what is not personal does', () => {
  const profile = folded([told]);
  const bytes = Buffer.from(bytesOf(profile)).toString('latin1');
  expect(bytes).toContain('GB');
  for (const word of ['ann@example.com', 'Ann', 'email', 'gender']) expect(bytes).not.toContain(word);
  expect(readTraits(revived(bytesOf(profile)), rules)).toEqual(readTraits(profile, rules));
});

test('a trait that another configuration calls personal is sealed from then on', () => {
  const profile = folded([told]);
  bytesOf(profile);
  const { country, ...traits } = configuration.traits;
  const stricter = rulesOf({
    ...configuration,
    version: 'stricter',
    traits: { ...traits, country: { ...country, personal: true, sensitive: false, purposes: [] } },
  });
  foldProfile(profile, { leaf: 'leaf', acceptedPartition: 0, acceptedOffset: 1, happening: { kind: 'nothing' } }, stricter);
  const bytes = bytesOf(profile);
  expect(Buffer.from(bytes).toString('latin1')).not.toContain('GB');
  expect(readTraits(revived(bytes), stricter)).toEqual(readTraits(profile, stricter));
});

test('once the key is destroyed the personal parts are gone and the rest stands, also after further folds', async () => {
  const bytes = bytesOf(folded([told, tracked('Order Completed', START, { total: 10 })]));
  await store.destroy('default', [key]);
  const later = new KeyRing(store, stopwatch);
  await later.load('default', [key]);
  const profile = revived(bytes, later);
  foldInto(profile, [{ ...told, receivedAtMs: START + DAY, event: { ...told.event, timestampMs: START + DAY, messageId: 'n' } }], 2);
  const again = revived(profileCodec(later).encode({ profile }) ?? new Uint8Array(), later);
  expect(again).toMatchObject({ personal: 'erased', events: 3 });
  const known = readTraits(again, rules).flatMap(({ name, value }) => (value === undefined ? [] : [name]));
  expect(known).toEqual(['traits.country', 'traits.language']);
});

test('a profile that is held in memory while its key is destroyed forgets what was personal', async () => {
  const profile = folded([told]);
  bytesOf(profile);
  await store.destroy('default', [key]);
  const later = new KeyRing(store, stopwatch);
  await later.load('default', [key]);
  profileCodec(later).open(profile);
  expect(readTraits(profile, rules).find(({ name }) => name === 'traits.email')?.value).toBeUndefined();
  expect(profile.personal).toBe('erased');
});

test('a customer with three months of orders fits into two kilobytes', () => {
  const orders = Array.from({ length: 30 }, (_, i) => tracked('Order Completed', START + i * 3 * DAY, { total: 12.34 }));
  expect(bytesOf(folded([told, ...orders])).length).toBeLessThan(2_000);
});

test('bytes of another shape, and cut ones, are refused', () => {
  const bytes = bytesOf(folded([told]));
  const { decode } = profileCodec(ring);
  expect(() => decode(Uint8Array.from([4, ...bytes.subarray(1)]))).toThrow('STATE_UNREADABLE');
  for (let length = 0; length < bytes.length; length++) expect(() => decode(bytes.subarray(0, length))).toThrow('STATE_UNREADABLE');
});

test('the active configuration comes back as it was, and nothing has no bytes', () => {
  const codec = profileCodec(ring);
  const active = { version: 'v1', document: 'attune: 1 # ü' };
  expect(codec.decode(codec.encode({ active }) ?? new Uint8Array())).toEqual({ active });
  expect(codec.encode({})).toBeUndefined();
});
