import { type DecisionInputs, ProfileChange, ProfileChangeKind, TransitionCause } from '@attune/contracts/messages/log/v1/log';
import { expect, test } from 'vitest';
import { campaignOf, inputsWith, smallPolicy } from '../flows/shops.fixture.ts';
import { answerChange, type CampaignLedger } from './answer-change.ts';
import { newMemory, nextDueMs, settlePast } from './profile-memory.ts';

const DAY = 86_400_000;
const policy = { ...smallPolicy, campaigns: smallPolicy.campaigns.map((campaign) => ({ ...campaign, holdout: 0 })) };

/** One profile; each change stands at the next position unless it says which. */
function profile(given = policy) {
  const memory = newMemory();
  const ledger: CampaignLedger = { logTimeMs: 0, campaigns: {} };
  let offset = 0;
  const tell = (fields: Partial<ProfileChange>, inputs: DecisionInputs | undefined = inputsWith({ orders: 3 }, { segments: ['regular'] })) => {
    const position = { topic: 'attune.activity.v1', partition: 0, offset: BigInt(offset++) };
    const change = ProfileChange.fromPartial({ id: `c${offset}`, profileId: 'p_ada', position, ...fields });
    const seal = () => ({ keyId: 'k', nonce: new Uint8Array(), ciphertext: new Uint8Array() });
    return answerChange({
      tenant: 'default',
      change,
      policy: given,
      memory,
      ledger,
      rewarded: () => undefined,
      open: () => inputs,
      seal,
      hash: (text) => text.replaceAll(/\W/g, '').padEnd(22, '_').slice(-22),
    });
  };
  const enter = (atMs: number, fields: Partial<ProfileChange> = {}, inputs?: DecisionInputs) =>
    tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, segment: 'regular', atMs: BigInt(atMs), ...fields }, inputs);
  const buy = (eventMs: number, atMs = eventMs) =>
    tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Bought', eventTimeMs: BigInt(eventMs), atMs: BigInt(atMs) });
  return { memory, ledger, tell, enter, buy, choice: () => ledger.campaigns['choice'] };
}

test('a campaign starts for its own segments and its own direction', () => {
  const { enter, tell } = profile();
  expect(enter(DAY).map(({ campaign }) => campaign)).toEqual(['choice']);
  expect(enter(DAY, { segment: 'curious' }).map(({ campaign }) => campaign)).toEqual(['sorry']);
  expect(tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT, segment: 'regular', atMs: BigInt(DAY) }).map(({ campaign }) => campaign)).toEqual(['dear']);
});

test('no campaign starts from a segment that reads what is not for its purpose, whatever consent says', () => {
  const purposes = new Map([...policy.segmentPurposesOf, ['curious', ['personalise', 'marketing']]]);
  const { enter, ledger } = profile({ ...policy, segmentPurposesOf: purposes });
  expect(enter(DAY, { segment: 'curious' })).toEqual([]);
  expect(ledger.campaigns).toEqual({});
  expect(enter(DAY).map(({ campaign }) => campaign)).toEqual(['choice']);
});

test('another definition of a segment starts no campaign for those whom it brings in, unless the campaign asks for it', () => {
  const redefined = { transitionCause: TransitionCause.TRANSITION_CAUSE_DEFINITION };
  const { enter, ledger } = profile();
  expect(enter(DAY, redefined)).toEqual([]);
  expect(ledger.campaigns).toEqual({});
  const asking = profile({ ...policy, campaigns: policy.campaigns.map((campaign) => ({ ...campaign, start: { ...campaign.start, redefined: true } })) });
  expect(asking.enter(DAY, redefined).map(({ campaign }) => campaign)).toEqual(['choice']);
  for (const transitionCause of [TransitionCause.TRANSITION_CAUSE_RECORD, TransitionCause.TRANSITION_CAUSE_TIME])
    expect(profile().enter(DAY, { transitionCause })).toHaveLength(1);
});

test('a repeat of a change, alone or with what followed, changes nothing', () => {
  const { enter, ledger, memory } = profile();
  const first = { id: 'a', position: { topic: 't', partition: 0, offset: 5n } };
  const second = { id: 'b', position: { topic: 't', partition: 0, offset: 5n } };
  const third = { id: 'c', position: { topic: 't', partition: 0, offset: 6n } };
  expect([first, second, third].map((fields) => enter(DAY, fields).length)).toEqual([1, 1, 1]);
  const before = structuredClone({ ledger, memory });
  expect([first, second, third, second].map((fields) => enter(DAY, fields).length)).toEqual([0, 0, 0, 0]);
  expect({ ledger, memory }).toEqual(before);
});

test('a transition that is older than the campaign allows starts nothing', () => {
  const { enter } = profile();
  enter(10 * DAY);
  expect(enter(8 * DAY - 1)).toEqual([]);
  expect(enter(8 * DAY)).toHaveLength(1);
});

test('a transition after many hops, of erased inputs, or caused by the campaign itself starts nothing', () => {
  const { enter, tell } = profile();
  expect(enter(DAY, { hops: 4 })).toEqual([]);
  const [own] = enter(DAY, { hops: 3, causes: ['another'] });
  expect(own?.hops).toBe(4);
  expect(enter(DAY, { causes: [own?.id ?? ''] })).toEqual([]);
  expect(enter(DAY, { causes: [own?.id ?? ''], segment: 'curious' }).map(({ campaign }) => campaign)).toEqual(['sorry']);
  const { memory, ledger } = profile();
  expect(
    answerChange({
      tenant: 'default',
      change: ProfileChange.fromPartial({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, segment: 'regular' }),
      policy,
      memory,
      ledger,
      rewarded: () => undefined,
      open: () => undefined,
      seal: () => expect.fail(),
      hash: () => expect.fail(),
    }),
  ).toEqual([]);
  expect(tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Asked' })).toEqual([]);
});

test('an event within the goal counts once for each open decision, and as an acceptance of its offer', () => {
  const { enter, buy, choice } = profile();
  const [decision] = enter(10 * DAY);
  buy(10 * DAY - 1, 10 * DAY + 1);
  expect(choice()).toMatchObject({ treatedSettled: 0 });
  buy(17 * DAY);
  buy(17 * DAY);
  expect(choice()).toMatchObject({ entered: 1, offered: 1, treatedSettled: 1, treatedReached: 1 });
  expect(choice()?.offers[decision?.offer ?? '']).toMatchObject({ sent: 1, accepted: 1 });
});

test('a late record of an event in time still reaches the goal', () => {
  const { enter, buy, choice } = profile();
  enter(10 * DAY);
  buy(16 * DAY, 18 * DAY);
  expect(choice()).toMatchObject({ treatedSettled: 1, treatedReached: 1 });
});

test('what an event taught is in the next decision', () => {
  const { enter, buy } = profile();
  const propensity = (atMs: number) => enter(atMs)[0]?.candidates.find(({ offer }) => offer === 'for_regulars')?.propensity;
  expect(propensity(DAY)).toBe(1 / 4);
  buy(2 * DAY);
  expect(propensity(3 * DAY)).toBe(2 / 5);
});

test('a decision whose goal time is over is settled as not reached, once', () => {
  const { enter, tell, choice, memory } = profile();
  enter(10 * DAY);
  expect(nextDueMs(memory)).toBe(17 * DAY + 1);
  expect(settlePast(structuredClone(memory), 17 * DAY)).toEqual([]);
  tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Asked', atMs: BigInt(17 * DAY + 1) });
  expect(choice()).toMatchObject({ treatedSettled: 1, treatedReached: 0 });
  expect(settlePast(memory, 99 * DAY)).toEqual([]);
  expect(nextDueMs(memory)).toBeUndefined();
});

test('an event in time whose record comes after the settling counts as reached, and the decision as settled once', () => {
  const { enter, buy, tell, choice } = profile();
  const [decision] = enter(10 * DAY);
  tell({ kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT, event: 'Asked', atMs: BigInt(18 * DAY) });
  expect(choice()).toMatchObject({ treatedSettled: 1, treatedReached: 0 });
  buy(17 * DAY + 1, 19 * DAY);
  expect(choice()).toMatchObject({ treatedSettled: 1, treatedReached: 0 });
  buy(17 * DAY, 19 * DAY);
  buy(16 * DAY, 19 * DAY);
  expect(choice()).toMatchObject({ treatedSettled: 1, treatedReached: 1 });
  expect(choice()?.offers[decision?.offer ?? '']?.accepted).toBe(1);
});

test('held-out profiles are measured as the others are, and those without consent not at all', () => {
  const out = profile({ ...policy, campaigns: [{ ...campaignOf('choice'), holdout: 1 }] });
  out.enter(DAY);
  out.buy(2 * DAY);
  out.enter(3 * DAY);
  out.buy(11 * DAY);
  expect(out.choice()).toMatchObject({ entered: 2, heldOut: 2, heldOutSettled: 2, heldOutReached: 1, treatedSettled: 0, offers: {} });
  const denied = profile();
  denied.enter(DAY, {}, inputsWith({}, { marketing: false }));
  denied.buy(2 * DAY);
  expect(denied.choice()).toMatchObject({ entered: 1, noConsent: 1, treatedSettled: 0, heldOutSettled: 0 });
});

test('those to whom nothing was sent count as treated', () => {
  const nothing = profile({ ...policy, campaigns: [{ ...campaignOf('choice'), holdout: 0, explore: 0, offers: [] }] });
  nothing.enter(DAY);
  nothing.buy(2 * DAY);
  expect(nothing.choice()).toMatchObject({ entered: 1, nothing: 1, treatedSettled: 1, treatedReached: 1 });
});

test('of more decisions than are kept the oldest is settled', () => {
  const { enter, choice, memory } = profile();
  for (let i = 0; i < 40; i++) enter(DAY + i);
  expect(memory.decisions).toHaveLength(32);
  expect(choice()).toMatchObject({ entered: 40, treatedSettled: 8, treatedReached: 0 });
});
