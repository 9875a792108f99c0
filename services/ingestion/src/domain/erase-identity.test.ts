import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ArrivedMessage, eraseIdentity, whoseMessage } from './erase-identity.ts';
import { takeLink, wantLinks } from './link-identity.ts';
import { type Identity, newIdentity } from './resolve-identity.ts';

const startMs = Date.UTC(2026, 10, 24);
const erasure = { profileId: 'p_ada', atMs: startMs };
const message = (given: Partial<ArrivedMessage>): ArrivedMessage => ({
  kind: 'event',
  messageId: 'm1',
  receivedAtMs: startMs + 10,
  happenedAtMs: startMs + 10,
  saidFor: '',
  ...given,
});
const mint = () => 'p_again';
const seen = whoseMessage(newIdentity('p_ada'), message({ messageId: 'm0', receivedAtMs: startMs - 5, happenedAtMs: startMs - 5 }), mint).identity;
const linked = wantLinks(seen, ['visitor', 'phone'], startMs - 5).identity;
const erased = eraseIdentity(linked, erasure);
const forgotten = (): Identity => {
  if (erased.identity === undefined) throw new Error('the identity is gone');
  return erased.identity;
};

const linkTo = (profileId: string) => ({ profileId, by: '', atMs: startMs, record: '0/1' });

test('an identifier forgets the profile, its links and its bond, and names those to be told', () => {
  expect(erased).toMatchObject({ kind: 'forgotten', tell: ['visitor', 'phone'], identity: { profileId: '', erased: erasure } });
  expect(erased.identity).not.toHaveProperty('linked');
  expect(eraseIdentity({ ...newIdentity('p_ada'), bond: 'linked' }, erasure).identity).not.toHaveProperty('bond');
});

test('an identifier of another profile, or of none, keeps what it has', () => {
  const shared: Identity = { ...newIdentity('p_nobody'), bond: 'shared' };
  expect(eraseIdentity(shared, erasure)).toEqual({ kind: 'apart', identity: shared, tell: [] });
  expect(eraseIdentity(undefined, erasure)).toEqual({ kind: 'apart', identity: undefined, tell: [] });
});

test('what happened before the erasure, however late it comes, does not bring the person back; what happened since begins another profile', () => {
  expect(whoseMessage(forgotten(), message({ happenedAtMs: startMs }), mint)).toMatchObject({
    kind: 'erased',
    profileId: 'p_ada',
    identity: { profileId: '' },
  });
  const back = whoseMessage(forgotten(), message({}), mint);
  expect(back).toMatchObject({ kind: 'new', profileId: 'p_again', identity: { profileId: 'p_again', erased: erasure } });
  const next = whoseMessage(back.identity, message({ messageId: 'm2' }), () => 'p_third');
  expect(next).toMatchObject({ kind: 'new', profileId: 'p_again' });
});

test('a message that was taken before the erasure stays a repeat, and begins nothing', () => {
  expect(whoseMessage(forgotten(), message({ messageId: 'm0' }), mint)).toMatchObject({ kind: 'erased', identity: { profileId: '' } });
});

test('what is said for a profile begins none, and what is said for the erased one never reaches the person who came back', () => {
  expect(whoseMessage(forgotten(), message({ saidFor: 'p_ada' }), mint).identity.profileId).toBe('');
  expect(whoseMessage(forgotten(), message({ saidFor: 'p_visitor' }), mint).identity.profileId).toBe('');
  const { identity } = whoseMessage(forgotten(), message({}), mint);
  expect(whoseMessage(identity, message({ messageId: 'm2', saidFor: 'p_ada' }), mint)).toMatchObject({ kind: 'erased', profileId: 'p_ada' });
  expect(whoseMessage(identity, message({ messageId: 'm3', saidFor: 'p_again' }), mint)).toMatchObject({ kind: 'new', profileId: 'p_again' });
});

test('a link to the erased profile that comes again leads nowhere; one to another customer opens the identifier', () => {
  expect(takeLink(forgotten(), linkTo('p_ada'), mint)).toEqual({ kind: 'known', identity: forgotten() });
  expect(takeLink(forgotten(), linkTo('p_bea'), mint)).toMatchObject({ kind: 'opened', identity: { profileId: 'p_bea', bond: 'linked' } });
});

test('whatever comes and comes again after an erasure, the erased profile is never an identifier’s own, and erasing again changes nothing', () => {
  const steps = fc.array(fc.record({ what: fc.constantFrom('message', 'late', 'fact', 'link', 'erasure'), id: fc.nat({ max: 4 }) }), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (all) => {
      let identity = forgotten();
      for (const [place, { what, id }] of all.entries()) {
        const told = message({ messageId: `${what}${id}`, happenedAtMs: startMs + (what === 'late' ? -1 : 1), saidFor: what === 'fact' ? 'p_ada' : '' });
        if (what === 'link') identity = takeLink(identity, linkTo('p_ada'), mint).identity;
        else if (what === 'erasure') identity = eraseIdentity(identity, erasure).identity ?? identity;
        else identity = whoseMessage(identity, told, () => `p_${place}`).identity;
        expect(identity.profileId).not.toBe('p_ada');
      }
      const isBack = all.some(({ what }) => what === 'message');
      expect(identity.profileId !== '').toBe(isBack);
    }),
  );
});

test('neither edits what it is given', () => {
  const call = sealed({ call: eraseIdentity, given: () => [structuredClone(linked), { ...erasure }] });
  expect(call.kind).toBe('forgotten');
  sealed({ call: (identity: Identity) => whoseMessage(identity, message({}), () => 'p_again'), given: () => [structuredClone(forgotten())] });
});
