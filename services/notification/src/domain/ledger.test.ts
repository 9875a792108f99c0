import { Decision, Delivery, DeliveryState, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyLedger, isSettled, type Ledger, nextDueAtMs, noteChange, noteDecision, noteDelivery, SETTLED_MAX, wake } from './ledger.ts';
import { placeOf, recount, type Tallies } from './tally.ts';

const { DELIVERY_STATE_INTENT: INTENT, DELIVERY_STATE_SENT: SENT, DELIVERY_STATE_FAILED: FAILED } = DeliveryState;
const { DELIVERY_STATE_HELD: HELD, DELIVERY_STATE_DROPPED: DROPPED, DELIVERY_STATE_UNKNOWN: UNKNOWN } = DeliveryState;
const caps = [{ channels: ['email'], atMost: 1, perMs: 1_000 }];
const decided = (ledger: Ledger, ...ids: string[]): Ledger => {
  for (const id of ids) noteDecision(ledger, Decision.fromPartial({ id, campaign: 'c', promotional: true }), { value: new Uint8Array([7]), offset: 3 });
  return ledger;
};
const note = (ledger: Ledger, id: string, state: DeliveryState, more: { attempt?: string; reason?: string; atMs?: number; untilMs?: number } = {}): void => {
  const { atMs = 0, untilMs = 0, ...rest } = more;
  noteDelivery(ledger, Delivery.fromPartial({ decisionId: id, channel: 'email', state, atMs: BigInt(atMs), untilMs: BigInt(untilMs), ...rest }), caps);
};
const stateOf = (ledger: Ledger, id: string): string | undefined => ledger.entries.get(id)?.state;

test('the first intent wins, whoever comes later and however often', () => {
  const ledger = decided(emptyLedger(), 'd');
  note(ledger, 'd', INTENT, { attempt: 'first' });
  note(ledger, 'd', INTENT, { attempt: 'second' });
  expect(ledger.entries.get('d')).toMatchObject({ state: 'claimed', attempt: 'first' });
  note(ledger, 'd', SENT, { attempt: 'first' });
  note(ledger, 'd', INTENT, { attempt: 'second' });
  expect(ledger.entries.get('d')).toMatchObject({ state: 'sent', attempt: 'first' });
});

test('an intent that breaks a cap at its place in the log is refused, so that two owners cannot both pass', () => {
  const ledger = decided(emptyLedger(), 'a', 'b', 'later');
  note(ledger, 'a', INTENT, { attempt: 'one', atMs: 5_000 });
  note(ledger, 'b', INTENT, { attempt: 'two', atMs: 5_000 });
  note(ledger, 'later', INTENT, { attempt: 'three', atMs: 6_000 });
  expect(['a', 'b', 'later'].map((id) => stateOf(ledger, id))).toEqual(['claimed', 'refused', 'claimed']);
});

test('the attempt that holds the claim can give it back', () => {
  const ledger = decided(emptyLedger(), 'd');
  note(ledger, 'd', INTENT, { attempt: 'own' });
  note(ledger, 'd', HELD, { attempt: 'own', untilMs: 9, reason: 'PROVIDER_AWAY' });
  expect(ledger.entries.get('d')).toMatchObject({ state: 'held', attempt: '', triesAway: 1 });
});

test('a promotion that somebody claimed may have left: whoever waits or drops it without knowing of the claim makes it unknown, until the claimant tells', () => {
  const ledger = decided(emptyLedger(), 'a', 'b');
  for (const [id, blind] of [
    ['a', HELD],
    ['b', DROPPED],
  ] as const) {
    note(ledger, id, INTENT, { attempt: 'gone', atMs: id === 'a' ? 0 : 5_000 });
    note(ledger, id, blind, { untilMs: 9, reason: 'QUIET_HOURS' });
    expect(ledger.entries.get(id)).toMatchObject({ state: 'unknown', reason: 'CLAIM_WITHOUT_OUTCOME' });
    note(ledger, id, SENT, { attempt: 'gone' });
    expect(stateOf(ledger, id)).toBe('sent');
  }
});

test('a message of service that somebody claimed may leave again: it waits as told', () => {
  const ledger = emptyLedger();
  noteDecision(ledger, Decision.fromPartial({ id: 'd', campaign: 'c' }), { value: new Uint8Array([7]), offset: 3 });
  note(ledger, 'd', INTENT, { attempt: 'gone' });
  note(ledger, 'd', HELD, { untilMs: 9, reason: 'QUIET_HOURS' });
  expect(wake(ledger, 9)).toHaveLength(1);
});

test('a claim that broke a cap ends as capped, also where whoever made it is gone and the next one waits', () => {
  const ledger = decided(emptyLedger(), 'a', 'b');
  note(ledger, 'a', INTENT, { attempt: 'one', atMs: 5_000 });
  note(ledger, 'b', INTENT, { attempt: 'gone', atMs: 5_000 });
  note(ledger, 'b', HELD, { untilMs: 9, reason: 'QUIET_HOURS' });
  expect(ledger.entries.get('b')).toMatchObject({ state: 'dropped', reason: 'CAPPED' });
});

test('what is held wakes when its time has come, once, and keeps its decision until it has an outcome', () => {
  const ledger = decided(emptyLedger(), 'a', 'b');
  note(ledger, 'a', HELD, { untilMs: 20 });
  note(ledger, 'b', HELD, { untilMs: 30 });
  expect(nextDueAtMs(ledger)).toBe(20);
  expect(wake(ledger, 19)).toEqual([]);
  expect(wake(ledger, 20)).toEqual([{ id: 'a', bytes: new Uint8Array([7]), offset: 3 }]);
  expect(wake(ledger, 20)).toEqual([]);
  expect(nextDueAtMs(ledger)).toBe(30);
  note(ledger, 'a', DROPPED, { reason: 'EXPIRED' });
  expect(ledger.entries.get('a')?.decision).toBeUndefined();
});

test('the first outcome stays, but what was unknown may become known', () => {
  const ledger = decided(emptyLedger(), 'd');
  note(ledger, 'd', INTENT, { attempt: 'own' });
  note(ledger, 'd', UNKNOWN, { attempt: 'own', reason: 'CLAIM_WITHOUT_OUTCOME' });
  note(ledger, 'd', SENT, { attempt: 'other' });
  expect(stateOf(ledger, 'd')).toBe('unknown');
  note(ledger, 'd', SENT, { attempt: 'own' });
  note(ledger, 'd', FAILED, { attempt: 'own', reason: 'MESSAGE_REFUSED' });
  expect(stateOf(ledger, 'd')).toBe('sent');
});

test('a refused address closes its channel, another refusal does not', () => {
  const ledger = decided(emptyLedger(), 'a', 'b');
  note(ledger, 'a', FAILED, { reason: 'MESSAGE_REFUSED' });
  expect([...ledger.suppressed]).toEqual([]);
  note(ledger, 'b', FAILED, { reason: 'ADDRESS_REFUSED' });
  expect([...ledger.suppressed]).toEqual(['email']);
});

test('a pause begins by an event or by entering a segment, and ends by an event or by its length', () => {
  const pause = { fromEvents: ['Case Opened'], fromSegments: ['let_down'], untilEvents: ['Case Closed'], atMostMs: 100 };
  const { PROFILE_CHANGE_KIND_EVENT: EVENT, PROFILE_CHANGE_KIND_ENTERED: ENTERED, PROFILE_CHANGE_KIND_LEFT: LEFT } = ProfileChangeKind;
  const ledger = emptyLedger();
  const change = (of: { kind: ProfileChangeKind; event?: string; segment?: string }, policy: typeof pause | Omit<typeof pause, 'atMostMs'> = pause): number => {
    noteChange(ledger, ProfileChange.fromPartial({ atMs: 1_000n, ...of }), policy);
    return ledger.pausedUntilMs;
  };
  expect(change({ kind: LEFT, segment: 'let_down' })).toBe(0);
  expect(change({ kind: ENTERED, segment: 'vip' })).toBe(0);
  expect(change({ kind: ENTERED, segment: 'let_down' })).toBe(1_100);
  expect(change({ kind: EVENT, event: 'Case Closed' })).toBe(0);
  const { atMostMs: _, ...endless } = pause;
  expect(change({ kind: EVENT, event: 'Case Opened' }, endless)).toBe(Number.MAX_SAFE_INTEGER);
});

test('a ledger stays small: only the newest outcomes are remembered, and nothing that is under way is forgotten', () => {
  const ledger = decided(emptyLedger(), 'open');
  for (let i = 0; i < SETTLED_MAX * 2; i++) {
    decided(ledger, `d${i}`);
    note(ledger, `d${i}`, DROPPED, { reason: 'CAPPED' });
  }
  expect(ledger.entries.size).toBe(SETTLED_MAX);
  expect(stateOf(ledger, 'open')).toBe('pending');
  expect(stateOf(ledger, `d${SETTLED_MAX * 2 - 1}`)).toBe('dropped');
});

test('each message with an outcome is counted in exactly one place, whatever is noted in whatever order', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    state: fc.constantFrom(INTENT, SENT, FAILED, HELD, DROPPED, UNKNOWN),
    attempt: fc.constantFrom('', 'x', 'y'),
    reason: fc.constantFrom('R1', 'R2'),
    atMs: fc.nat(3_000),
    wakes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const ledger = decided(emptyLedger(), 'a', 'b', 'c');
      const tallies: Tallies = new Map();
      for (const { id, state, wakes, ...more } of steps) {
        const before = placeOf(ledger.entries.get(id));
        note(ledger, id, state, { ...more, untilMs: more.atMs + 1 });
        recount(tallies, 'c', before, placeOf(ledger.entries.get(id)));
        if (wakes) wake(ledger, 9_000);
      }
      const { sent = 0, held = 0, unknown = 0, notSent = {} } = tallies.get('c') ?? {};
      const entries = [...ledger.entries.values()];
      expect(sent + unknown + Object.values(notSent).reduce((sum, count) => sum + count, 0)).toBe(entries.filter(isSettled).length);
      expect(held).toBe(entries.filter((entry) => !isSettled(entry) && entry.untilMs > 0).length);
    }),
  );
});
