import { sealed } from '@attune/testing/laws/sealed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intlLocale } from '../adapters/locale.ts';
import { type Admission, admitMessage } from './admit-message.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import { type Entry, type EntryState, emptyLedger, type Ledger } from './ledger.ts';
import { isMailAddress } from './mail-address.ts';
import type { Asked } from './rules/rule.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (iso: string): number => Date.parse(iso);
const NOON = at('2026-06-01T12:00:00Z');
const night = { fromMinute: 21 * 60, toMinute: 8 * 60 };

const entry = (state: EntryState, claimedAtMs: number, more: Partial<Entry> = {}): Entry => ({
  campaign: 'c',
  promotional: true,
  state,
  reason: '',
  channel: 'email',
  untilMs: 0,
  attempt: 'a',
  claimedAtMs,
  triesAway: 0,
  ...more,
});
const ledgerWith = (...entries: Entry[]): Ledger => ({ ...emptyLedger(), entries: new Map(entries.map((one, i) => [`d_${i}`, one])) });
const policy = (more: Partial<DeliveryPolicy> = {}): DeliveryPolicy => ({ caps: [], stopEverything: false, ...more });

interface Change {
  readonly promotional?: boolean;
  readonly expiresAtMs?: number;
  readonly zone?: string;
}
const asked = ({ promotional = true, expiresAtMs = 0, zone = 'UTC' }: Change = {}, more: Partial<Asked> = {}): Asked => ({
  decision: { id: 'd', purpose: 'marketing', promotional, nowMs: BigInt(NOON), expiresAtMs: BigInt(expiresAtMs) },
  channel: 'email',
  contact: { consent: { marketing: true }, email: 'ada@example.com' },
  ledger: emptyLedger(),
  policy: policy(),
  nowMs: NOON,
  localMinuteOf: (ms) => intlLocale.minuteOf(zone, ms),
  ...more,
});
const service = { promotional: false };

test('a message that nothing speaks against is sent', () => {
  const { localMinuteOf: _, ...data } = asked({}, { policy: policy({ quietHours: night, caps: [{ channels: ['email'], atMost: 1, perMs: DAY_MS }] }) });
  expect(sealed({ call: (given: typeof data) => admitMessage({ ...given, localMinuteOf: () => 720 }), given: () => [data] })).toEqual({ kind: 'send' });
});

test('without consent for its purpose nothing is sent, and no other reason is given', () => {
  const everything = { policy: policy({ stopEverything: true }), ledger: { ...emptyLedger(), suppressed: new Set(['email']) } };
  for (const consent of [{ marketing: false }, {}, { service: true }, JSON.parse('{"__proto__": {"marketing": true}}')])
    expect(admitMessage(asked({ expiresAtMs: 1 }, { contact: { consent }, ...everything }))).toEqual({ kind: 'drop', reason: 'NO_CONSENT' });
});

test('a message is dropped from the moment at which it expires', () => {
  expect(admitMessage(asked({ expiresAtMs: NOON }))).toEqual({ kind: 'drop', reason: 'EXPIRED' });
  expect(admitMessage(asked({ expiresAtMs: NOON + 1 }))).toEqual({ kind: 'send' });
});

test('the red button stops promotions and lets messages of service pass', () => {
  const stop = { policy: policy({ stopEverything: true }) };
  expect(admitMessage(asked({}, stop))).toEqual({ kind: 'drop', reason: 'STOPPED' });
  expect(admitMessage(asked(service, stop))).toEqual({ kind: 'send' });
});

test('without an address that is one beyond doubt nothing is sent', () => {
  for (const email of [undefined, '', 'ada', 'a@b', 'a@b.c,d@e.f', '"a"@b.cd', 'a(b)@c.de', 'a@b.cd\r\nx', ' a@b.cd', 'a..b@c.de', `${'a'.repeat(250)}@b.cd`])
    expect(admitMessage(asked(service, { contact: { consent: { marketing: true }, ...(email !== undefined && { email }) } })).kind).toBe('drop');
  expect(isMailAddress("o'neil+gifts@münchen.example")).toBe(true);
});

test('an address that was refused for good is left alone, by messages of service too', () => {
  const refused = { ledger: { ...emptyLedger(), suppressed: new Set(['email']) } };
  for (const kind of [{}, service]) expect(admitMessage(asked(kind, refused))).toEqual({ kind: 'drop', reason: 'SUPPRESSED' });
  expect(admitMessage(asked({}, { ledger: { ...emptyLedger(), suppressed: new Set(['push']) } }))).toEqual({ kind: 'send' });
});

test('promotions are paused until the pause ends, messages of service are not', () => {
  const paused = { ledger: { ...emptyLedger(), pausedUntilMs: NOON + 1 } };
  expect(admitMessage(asked({}, paused))).toEqual({ kind: 'drop', reason: 'PAUSED' });
  expect(admitMessage(asked(service, paused))).toEqual({ kind: 'send' });
  expect(admitMessage(asked({}, { ...paused, nowMs: NOON + 1 }))).toEqual({ kind: 'send' });
});

test('a cap counts what was sent, is claimed or may have been sent within its time, through its channels', () => {
  const caps = { policy: policy({ caps: [{ channels: ['email', 'push'], atMost: 2, perMs: DAY_MS }] }) };
  const recent = NOON - DAY_MS + 1;
  const verdict = (...entries: Entry[]): Admission => admitMessage(asked({}, { ...caps, ledger: ledgerWith(...entries) }));
  expect(verdict(entry('sent', recent), entry('claimed', recent))).toEqual({ kind: 'drop', reason: 'CAPPED' });
  expect(verdict(entry('sent', recent), entry('unknown', recent, { channel: 'push' }))).toEqual({ kind: 'drop', reason: 'CAPPED' });
  expect(verdict(entry('sent', recent - 1), entry('sent', recent))).toEqual({ kind: 'send' });
  expect(verdict(entry('failed', recent), entry('held', recent), entry('sent', recent, { channel: 'inbox' }), entry('sent', recent))).toEqual({ kind: 'send' });
  expect(verdict(entry('sent', recent), entry('sent', recent, { promotional: false }))).toEqual({ kind: 'send' });
  expect(admitMessage(asked(service, { ...caps, ledger: ledgerWith(entry('sent', NOON), entry('sent', NOON)) }))).toEqual({ kind: 'send' });
});

test('at night in Jakarta a promotion waits for eight in the morning there', () => {
  const hours = { policy: policy({ quietHours: night }) };
  const inJakarta = (iso: string, more: Change = {}): Admission => admitMessage(asked({ zone: 'Asia/Jakarta', ...more }, { ...hours, nowMs: at(iso) }));
  const eight = { kind: 'hold', reason: 'QUIET_HOURS', untilMs: at('2026-06-02T08:00:00+07:00') };
  expect(inJakarta('2026-06-01T21:00:00+07:00')).toEqual(eight);
  expect(inJakarta('2026-06-02T07:59:59.999+07:00')).toEqual(eight);
  expect(inJakarta('2026-06-02T08:00:00+07:00')).toEqual({ kind: 'send' });
  expect(inJakarta('2026-06-01T20:59:59.999+07:00')).toEqual({ kind: 'send' });
  expect(inJakarta('2026-06-01T23:00:00+07:00', service)).toEqual({ kind: 'send' });
  expect(inJakarta('2026-06-01T23:00:00+07:00', { expiresAtMs: eight.untilMs })).toEqual({ kind: 'drop', reason: 'EXPIRED' });
});

test('quiet hours end at eight on the wall in London on the nights when clocks change', () => {
  const inLondon = (iso: string, quietHours = night): Admission =>
    admitMessage(asked({ zone: 'Europe/London' }, { policy: policy({ quietHours }), nowMs: at(iso) }));
  expect(inLondon('2026-03-28T22:30:00Z')).toMatchObject({ untilMs: at('2026-03-29T07:00:00Z') });
  expect(inLondon('2026-10-24T21:30:00Z')).toMatchObject({ untilMs: at('2026-10-25T08:00:00Z') });
  // Quarter past one does not exist in the night of spring: the first minute after it does.
  expect(inLondon('2026-03-28T23:00:00Z', { fromMinute: 22 * 60, toMinute: 75 })).toMatchObject({ untilMs: at('2026-03-29T01:00:00Z') });
});

const states: readonly EntryState[] = ['pending', 'held', 'woken', 'claimed', 'refused', 'sent', 'failed', 'dropped', 'unknown'];
const anyAsked: fc.Arbitrary<Asked> = fc
  .record({
    consent: fc.constantFrom<Record<string, boolean>>({}, { marketing: true }, { marketing: false }, { service: true }),
    email: fc.option(fc.constantFrom('ada@example.com', 'not one'), { nil: undefined }),
    promotional: fc.boolean(),
    expiresAtMs: fc.constantFrom(0, NOON, NOON + HOUR_MS, NOON + 30 * DAY_MS),
    stopEverything: fc.boolean(),
    quietHours: fc.option(fc.record({ fromMinute: fc.nat(1439), toMinute: fc.nat(1439) }), { nil: undefined }),
    caps: fc.array(fc.record({ channels: fc.constant(['email']), atMost: fc.integer({ min: 1, max: 3 }), perMs: fc.constantFrom(HOUR_MS, DAY_MS) }), {
      maxLength: 2,
    }),
    entries: fc.array(fc.tuple(fc.constantFrom(...states), fc.integer({ min: NOON - 2 * DAY_MS, max: NOON })), { maxLength: 5 }),
    suppressed: fc.boolean(),
    pausedUntilMs: fc.constantFrom(0, NOON, NOON + 1),
    nowMs: fc.integer({ min: NOON, max: NOON + 400 * DAY_MS }),
    zone: fc.constantFrom('Europe/London', 'Asia/Jakarta', 'Australia/Lord_Howe', 'America/Sao_Paulo'),
  })
  .map(({ consent, email, promotional, expiresAtMs, stopEverything, quietHours, caps, entries, suppressed, pausedUntilMs, nowMs, zone }) =>
    asked(
      { promotional, expiresAtMs, zone },
      {
        contact: { consent, ...(email !== undefined && { email }) },
        policy: { caps, stopEverything, ...(quietHours && { quietHours }) },
        ledger: { ...ledgerWith(...entries.map(([state, ms]) => entry(state, ms))), suppressed: new Set(suppressed ? ['email'] : []), pausedUntilMs },
        nowMs,
      },
    ),
  );

test('every message gets exactly one verdict; without consent it is never sent or held', () => {
  fc.assert(
    fc.property(anyAsked, (question) => {
      const verdict = admitMessage(question);
      const allowed = question.contact.consent['marketing'] === true;
      expect(verdict.kind === 'drop' && verdict.reason === 'NO_CONSENT').toBe(!allowed);
      if (!question.decision.promotional) expect(['PAUSED', 'CAPPED', 'STOPPED', 'QUIET_HOURS']).not.toContain('reason' in verdict ? verdict.reason : '');
    }),
    { numRuns: 500 },
  );
});

const zones = ['Europe/London', 'Asia/Jakarta', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Africa/Casablanca'];
const nearAChange = fc
  .constantFrom('2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z', '2026-04-04T14:00:00Z', '2026-10-03T14:00:00Z', '2018-11-04T03:00:00Z')
  .map(at);

test('what waits for the end of quiet hours can leave then, and not a minute before', () => {
  const minute = fc.nat(1439);
  const when = fc.tuple(nearAChange, fc.integer({ min: -DAY_MS, max: DAY_MS })).map(([change, away]) => change + away);
  let held = 0;
  fc.assert(
    fc.property(minute, minute, when, fc.constantFrom(...zones), (fromMinute, toMinute, nowMs, zone) => {
      const later = (ms: number): Admission => admitMessage(asked({ zone }, { policy: policy({ quietHours: { fromMinute, toMinute } }), nowMs: ms }));
      const verdict = later(nowMs);
      if (verdict.kind !== 'hold') return;
      held++;
      expect(verdict.untilMs).toBeGreaterThan(nowMs);
      expect(verdict.untilMs - nowMs).toBeLessThanOrEqual(2 * DAY_MS);
      expect(later(verdict.untilMs).kind).toBe('send');
      if (verdict.untilMs - 60_000 > nowMs) expect(later(verdict.untilMs - 60_000).kind).toBe('hold');
    }),
    { numRuns: 2_000 },
  );
  expect(held).toBeGreaterThan(500);
});
