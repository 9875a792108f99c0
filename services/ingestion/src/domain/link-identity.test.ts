import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saidWhose } from './identity-history.ts';
import { type GivenLink, LINKS_A_DAY_MAX, LINKS_MAX, loseLink, takeLink, wantLinks } from './link-identity.ts';
import { allowIdentity, HANDED_ON_A_DAY_MAX } from './quarantine.ts';
import { type Identity, newIdentity } from './resolve-identity.ts';

const startMs = Date.UTC(2026, 10, 24);
const DAY_MS = 86_400_000;
const ada = newIdentity('p_ada');

/** Asks for one link after the other, each at its time, and answers what was linked. */
function asked(pairs: readonly { readonly hash: string; readonly atMs: number }[]): { readonly linked: string[]; readonly identity: Identity } {
  let identity: Identity = ada;
  const linked: string[] = [];
  for (const { hash, atMs } of pairs) {
    const wanted = wantLinks({ ...identity, newestMs: Math.max(identity.newestMs, atMs) }, [hash], atMs);
    identity = wanted.identity;
    linked.push(...wanted.link);
  }
  return { linked, identity };
}

test('each pair is asked for once', () => {
  const at = (hash: string, ms: number) => ({ hash, atMs: startMs + ms });
  expect(asked([at('a', 0), at('b', 1), at('a', 2), at('b', 40 * DAY_MS)]).linked).toEqual(['a', 'b']);
});

test('a customer is linked with at most 32 identifiers within a day, and who has more is quarantined until allowed', () => {
  const many = Array.from({ length: LINKS_A_DAY_MAX }, (_, i) => ({ hash: `h${i}`, atMs: startMs + i }));
  const { linked, identity } = asked(many);
  expect(linked).toHaveLength(LINKS_A_DAY_MAX);
  const wanted = wantLinks(identity, ['h32', 'h33'], startMs + 40);
  expect(wanted).toMatchObject({ link: [], tooMany: ['h32'], identity: { quarantined: { sinceMs: startMs + 40, reason: 'devices' } } });
  const later = { ...wanted.identity, newestMs: startMs + 2 * DAY_MS };
  expect(wantLinks(later, ['h34'], startMs + 2 * DAY_MS)).toMatchObject({ link: [], tooMany: [] });
  const allowed = allowIdentity(later, { atMs: startMs + 2 * DAY_MS, record: '0/9' });
  expect(wantLinks(allowed ?? ada, ['h34'], startMs + 2 * DAY_MS).link).toEqual(['h34']);
});

test('a customer is linked with at most 255 identifiers in all', () => {
  const many = Array.from({ length: LINKS_MAX + 10 }, (_, i) => ({ hash: `h${i}`, atMs: startMs + i * DAY_MS }));
  const { linked, identity } = asked(many);
  expect(linked).toHaveLength(LINKS_MAX);
  expect(identity.linked).toHaveLength(LINKS_MAX);
});

const link = (profileId: string, afterMs = 0): GivenLink => ({ profileId, by: `leaf of ${profileId}`, atMs: startMs + afterMs, record: '0/1' });

/** Takes links to these profiles, one a second or as told, and answers what each did. */
function taken(before: Identity | undefined, profileIds: readonly string[], everyMs = 1_000) {
  let identity = before;
  const kinds = profileIds.map((profileId, i) => {
    const one = takeLink(identity, link(profileId, i * everyMs), () => 'p_nobody');
    identity = one.identity;
    return one.kind;
  });
  return { kinds, identity };
}

test('the first customer seen with an anonymous identifier gets what it did, a second one what comes after', () => {
  const minted = newIdentity('p_minted');
  const first = takeLink(minted, link('p_ada'), () => 'p_new');
  const change = { kind: 'moved', atMs: startMs, from: 'p_minted', to: 'p_ada', by: 'leaf of p_ada', record: '0/1' };
  expect(first).toEqual({ kind: 'moved', from: 'p_minted', identity: { ...minted, profileId: 'p_ada', bond: 'linked', changes: [change] } });
  expect(takeLink(first.identity, link('p_ada'), () => 'p_new').kind).toBe('known');
  const second = takeLink(first.identity, link('p_bea'), () => 'p_new');
  expect(second).toMatchObject({ kind: 'handed_on', lostBy: 'leaf of p_ada', identity: { profileId: 'p_bea', bond: 'linked' } });
  expect(takeLink(second.identity, link('p_ada'), () => 'p_new')).toMatchObject({
    kind: 'handed_on',
    lostBy: 'leaf of p_bea',
    identity: { profileId: 'p_ada' },
  });
});

test('a customer who lost a device asks for it again, once', () => {
  const before = wantLinks(ada, ['a', 'b'], startMs).identity;
  const lost = loseLink(before, 'a');
  expect(loseLink(lost, 'a')).toEqual(lost);
  const again = wantLinks(lost, ['a', 'b'], startMs + 1);
  expect(again.link).toEqual(['a']);
  expect(wantLinks(again.identity, ['a', 'b'], startMs + 2).link).toEqual([]);
});

test('a device of more than four customers within 30 days is nobody’s until it is allowed, and then the next one’s', () => {
  const customers = ['p_1', 'p_2', 'p_3', 'p_4', 'p_5', 'p_6'];
  const { kinds, identity } = taken(newIdentity('p_minted'), customers);
  expect(kinds).toEqual(['moved', 'handed_on', 'handed_on', 'handed_on', 'quarantined', 'known']);
  expect(identity).toMatchObject({ profileId: 'p_nobody', bond: 'shared', quarantined: { sinceMs: startMs + 4_000, reason: 'customers' } });
  const allowed = allowIdentity(identity, { atMs: startMs + 9_000, record: '0/9' });
  expect(allowed).toMatchObject({ profileId: 'p_nobody', bond: 'linked' });
  expect(allowed?.quarantined).toBeUndefined();
  expect(takeLink(allowed, link('p_6', 10_000), () => 'p_new')).toMatchObject({ kind: 'handed_on', lostBy: '', identity: { profileId: 'p_6' } });
  expect(taken(newIdentity('p_minted'), customers, 11 * DAY_MS).kinds).not.toContain('quarantined');
});

test('a device that goes to and fro more than 16 times a day is nobody’s', () => {
  const turns = Array.from({ length: HANDED_ON_A_DAY_MAX + 2 }, (_, i) => (i % 2 === 0 ? 'p_ada' : 'p_bea'));
  expect(taken(undefined, turns).kinds.at(-2)).toBe('handed_on');
  expect(taken(undefined, turns).kinds.at(-1)).toBe('quarantined');
  expect(taken(undefined, turns, DAY_MS / 16 + 1).kinds).not.toContain('quarantined');
});

test('whatever links come and come again, an identifier leaves its first profile once and ends with the last customer', () => {
  const customers = fc.array(fc.constantFrom('p_ada', 'p_bea'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(customers, fc.boolean(), (links, isSeen) => {
      const { kinds, identity } = taken(isSeen ? newIdentity('p_minted') : undefined, links);
      expect(kinds[0]).toBe(isSeen ? 'moved' : 'opened');
      const turns = links.filter((profileId, i) => i > 0 && profileId !== links[i - 1]);
      expect(kinds.slice(1).filter((kind) => kind !== 'known')).toEqual(turns.map(() => 'handed_on'));
      expect(identity).toMatchObject({ bond: 'linked', profileId: links.at(-1) });
    }),
  );
});

test('what is said for a profile that a device has led to is that one’s, though the device is another’s by now', () => {
  const { identity } = taken(newIdentity('p_minted'), ['p_ada', 'p_bea']);
  const whose = ['p_ada', 'p_minted', 'p_bea', '', 'p_other'].map((saidFor) => saidWhose(identity ?? ada, saidFor));
  expect(whose).toEqual(['p_ada', 'p_ada', 'p_bea', 'p_bea', 'p_bea']);
});

test('linking is pure', () => {
  const { link: wanted } = sealed({ call: wantLinks, given: () => [structuredClone({ ...ada, linked: [] }), ['a'], startMs] });
  expect(wanted).toEqual(['a']);
});
