import { expect, test } from 'vitest';
import { capReached } from './caps.ts';
import { type Entry, emptyLedger, type Ledger } from './ledger.ts';
import { installLedger, promotionsOf } from './move-ledger.ts';

const entry = (more: Partial<Entry> = {}): Entry => ({
  ...{ campaign: 'c', promotional: true, state: 'sent', reason: '', channel: 'email', untilMs: 0, attempt: 'a', claimedAtMs: 500, triesAway: 0 },
  ...more,
});
const ledgerWith = (entries: Readonly<Record<string, Entry>>): Ledger => ({ ...emptyLedger(), entries: new Map(Object.entries(entries)) });
const asks = (ledger: Ledger) =>
  capReached({ ledger, channel: 'email', caps: [{ channels: ['email'], atMost: 2, perMs: 1_000 }], atMs: 600, exceptDecision: '' });
const moved = (ledger: Ledger, id = 'm') => ({
  id,
  from: 'visitor',
  entries: promotionsOf(ledger),
  suppressed: [...ledger.suppressed],
  pausedUntilMs: ledger.pausedUntilMs,
});

test('caps add up, refused channels unite and the longer pause holds', () => {
  const visitor = { ...ledgerWith({ a: entry() }), suppressed: new Set(['push']), pausedUntilMs: 900 };
  const customer = { ...ledgerWith({ b: entry() }), suppressed: new Set(['email']), pausedUntilMs: 700 };
  expect(asks(customer)).toBe(false);
  installLedger(customer, moved(visitor));
  expect(asks(customer)).toBe(true);
  expect([...customer.suppressed]).toEqual(['email', 'push']);
  expect(customer.pausedUntilMs).toBe(900);
});

test('what comes twice holds once: a pause that ended meanwhile does not begin again', () => {
  const customer = emptyLedger();
  const knowledge = moved({ ...emptyLedger(), pausedUntilMs: 900 });
  installLedger(customer, knowledge);
  customer.pausedUntilMs = 0;
  installLedger(customer, knowledge);
  expect(customer.pausedUntilMs).toBe(0);
});

test('only promotions that may have used a cap up are told, and a named one however far it came', () => {
  const visitor = ledgerWith({
    held: entry({ state: 'held', claimedAtMs: 0 }),
    dropped: entry({ state: 'dropped', claimedAtMs: 0 }),
    service: entry({ promotional: false }),
    claimed: entry({ state: 'claimed' }),
    unknown: entry({ state: 'unknown' }),
  });
  expect(promotionsOf(visitor).map(({ decisionId }) => decisionId)).toEqual(['claimed', 'unknown']);
  expect(promotionsOf(visitor, 'held').map(({ decisionId }) => decisionId)).toEqual(['held']);
  expect(promotionsOf(visitor, 'service')).toEqual([]);
});

test('a claim that was given back frees the cap that it had taken', () => {
  const customer = ledgerWith({ b: entry() });
  installLedger(customer, moved(ledgerWith({ a: entry({ state: 'claimed' }) })));
  expect(asks(customer)).toBe(true);
  installLedger(customer, {
    id: 'n',
    from: 'visitor',
    suppressed: [],
    pausedUntilMs: 0,
    entries: promotionsOf(ledgerWith({ a: entry({ state: 'dropped', claimedAtMs: 0 }) }), 'a'),
  });
  expect(asks(customer)).toBe(false);
});
