import { createHash } from 'node:crypto';
import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Arrived, type Identity, mintProfileId, newIdentity, REMEMBERED_MAX, resolveIdentity } from './resolve-identity.ts';

const startMs = Date.UTC(2026, 10, 24);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const message = (messageId: string, afterMs = 0, kind: Arrived['kind'] = 'event'): Arrived => ({ kind, messageId, receivedAtMs: startMs + afterMs });

function run(arrivals: readonly Arrived[]): { readonly kinds: readonly string[]; readonly identity: Identity } {
  let identity = newIdentity('p_ada');
  const kinds = arrivals.map((arrived) => {
    const resolution = resolveIdentity(identity, arrived);
    identity = resolution.identity;
    return resolution.kind;
  });
  return { kinds, identity };
}

/** The slow and obvious answer, from everything that ever arrived. */
function slowly(arrivals: readonly Arrived[]): readonly string[] {
  const taken: Arrived[] = [];
  let newestMs = 0;
  return arrivals.map((one) => {
    newestMs = Math.max(newestMs, one.receivedAtMs);
    const repeated = taken.some(({ kind, messageId, receivedAtMs }) => kind === one.kind && messageId === one.messageId && receivedAtMs >= newestMs - DAY_MS);
    if (repeated) return 'repeat';
    taken.push(one);
    return 'new';
  });
}

test('exactly the repeats within a day are dropped, in whatever order messages come', () => {
  const arrivals = fc.array(
    fc.record({
      kind: fc.constantFrom('event' as const, 'consent' as const),
      messageId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      hours: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(arrivals, (given) => {
      const all = given.map(({ kind, messageId, hours }) => message(messageId, hours * HOUR_MS, kind));
      expect(run(all).kinds).toEqual(slowly(all));
    }),
    { numRuns: 500 },
  );
});

test('a repeat is dropped for a whole day and not a moment longer', () => {
  expect(run([message('a'), message('a', DAY_MS)]).kinds).toEqual(['new', 'repeat']);
  expect(run([message('a'), message('a', DAY_MS + 1)]).kinds).toEqual(['new', 'new']);
});

test('a dropped repeat does not lengthen the memory of the first', () => {
  expect(run([message('a'), message('a', 20 * HOUR_MS), message('a', 25 * HOUR_MS)]).kinds).toEqual(['new', 'repeat', 'new']);
});

test('a straggler from before the last day passes and is not remembered', () => {
  const { kinds, identity } = run([message('a', 100 * DAY_MS), message('b')]);
  expect(kinds).toEqual(['new', 'new']);
  expect(identity.seen).toHaveLength(1);
});

test('an event and a consent of the same id are two messages', () => {
  expect(run([message('a'), message('a', 0, 'consent'), message('a', 0, 'consent')]).kinds).toEqual(['new', 'new', 'repeat']);
});

test('the newest 1,024 messages are remembered, in order of time', () => {
  const many = Array.from({ length: REMEMBERED_MAX + 1 }, (_, i) => message(`m${i}`, i));
  const { identity } = run(many.toReversed());
  expect(identity.seen).toHaveLength(REMEMBERED_MAX);
  expect(identity.seen.map(({ receivedAtMs }) => receivedAtMs)).toEqual(Array.from({ length: REMEMBERED_MAX }, (_, i) => startMs + 1 + i));
  expect(resolveIdentity(identity, message('m1', REMEMBERED_MAX)).kind).toBe('repeat');
  expect(resolveIdentity(identity, message('m0', REMEMBERED_MAX)).kind).toBe('new');
});

test('resolving is pure and keeps the profile', () => {
  const known = run([message('a'), message('b', 5)]).identity;
  const { identity } = sealed({ call: resolveIdentity, given: () => [structuredClone(known), message('c', 3)] });
  expect(identity).toMatchObject({ profileId: 'p_ada', newestMs: startMs + 5 });
  expect(identity.seen.map(({ receivedAtMs }) => receivedAtMs - startMs)).toEqual([0, 3, 5]);
});

test('a profile id comes from tenant and place alone', () => {
  const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
  const place = { tenant: 'default', topic: 't', partition: 1, offset: 23 };
  const others = [
    { ...place, offset: 24 },
    { ...place, partition: 12, offset: 3 },
    { ...place, tenant: 'other' },
    { ...place, topic: 'u' },
  ];
  const ids = [place, ...others, { ...place }].map((one) => mintProfileId(one, digest));
  expect(ids[0]).toMatch(/^p_[\w-]{16}$/);
  expect(ids[0]).toBe(ids.at(-1));
  expect(new Set(ids).size).toBe(5);
});
