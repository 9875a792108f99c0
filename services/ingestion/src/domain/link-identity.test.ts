import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LINKS_A_DAY_MAX, LINKS_MAX, takeLink, wantLinks } from './link-identity.ts';
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

test('a customer is linked with at most 32 identifiers within a day, and with more the day after', () => {
  const many = Array.from({ length: LINKS_A_DAY_MAX + 1 }, (_, i) => ({ hash: `h${i}`, atMs: startMs + i }));
  const { linked, identity } = asked(many);
  expect(linked).toHaveLength(LINKS_A_DAY_MAX);
  expect(wantLinks(identity, ['h32'], startMs + 40)).toMatchObject({ link: [], tooMany: ['h32'] });
  expect(wantLinks({ ...identity, newestMs: startMs + 2 * DAY_MS }, ['h32'], startMs + 2 * DAY_MS).link).toEqual(['h32']);
});

test('a customer is linked with at most 255 identifiers in all', () => {
  const many = Array.from({ length: LINKS_MAX + 10 }, (_, i) => ({ hash: `h${i}`, atMs: startMs + i * DAY_MS }));
  const { linked, identity } = asked(many);
  expect(linked).toHaveLength(LINKS_MAX);
  expect(identity.linked).toHaveLength(LINKS_MAX);
});

test('the first customer seen with an anonymous identifier gets it, a second one makes it nobody’s for good', () => {
  const minted = newIdentity('p_minted');
  const first = takeLink(minted, 'p_ada', () => 'p_new');
  expect(first).toEqual({ kind: 'moved', from: 'p_minted', identity: { ...minted, profileId: 'p_ada', bond: 'linked' } });
  expect(takeLink(first.identity, 'p_ada', () => 'p_new').kind).toBe('known');
  const parted = takeLink(first.identity, 'p_bea', () => 'p_new');
  expect(parted).toMatchObject({ kind: 'parted', identity: { profileId: 'p_new', bond: 'shared' } });
  for (const profileId of ['p_ada', 'p_bea', 'p_cid']) expect(takeLink(parted.identity, profileId, () => 'p_other')).toEqual({ ...parted, kind: 'known' });
});

test('whatever links come and come again, an identifier leaves its first profile once and ends with one customer or with nobody', () => {
  const customers = fc.array(fc.constantFrom('p_ada', 'p_bea'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(customers, fc.boolean(), (links, isSeen) => {
      let identity: Identity | undefined = isSeen ? newIdentity('p_minted') : undefined;
      const kinds: string[] = [];
      for (const profileId of links) {
        const taken = takeLink(identity, profileId, () => 'p_nobody');
        identity = taken.identity;
        kinds.push(taken.kind);
      }
      const isShared = new Set(links).size > 1;
      expect(kinds[0]).toBe(isSeen ? 'moved' : 'opened');
      expect(kinds.slice(1).filter((kind) => kind !== 'known')).toEqual(isShared ? ['parted'] : []);
      expect(identity).toMatchObject(isShared ? { bond: 'shared', profileId: 'p_nobody' } : { bond: 'linked', profileId: links[0] });
    }),
  );
});

test('linking is pure', () => {
  const { link } = sealed({ call: wantLinks, given: () => [structuredClone({ ...ada, linked: [] }), ['a'], startMs] });
  expect(link).toEqual(['a']);
});
