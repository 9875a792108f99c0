import { expect, test } from 'vitest';
import { type Arrival, admitEvent } from './admit-event.ts';
import type { EventContract } from './event-contract.ts';

const nothingDeclared: EventContract = { unknownEvents: 'keep', events: {}, traits: {} };
const arrival: Arrival = {
  receivedAtMs: Date.UTC(2026, 5, 1),
  arrivedAtMs: Date.UTC(2026, 5, 1),
  freshId: 'fresh',
  type: 'track',
  parseTime: Date.parse,
  contract: nothingDeclared,
  source: 'app',
};
const anOrder = (more: object = {}): object => ({ userId: 'ada', event: 'Order Completed', ...more });
const codeOf = (body: unknown): string => {
  const verdict = admitEvent(body, arrival);
  return verdict.kind === 'rejected' ? `${verdict.code} ${verdict.field}`.trim() : 'accepted';
};
const nested = (depth: number): object => (depth === 1 ? {} : { a: nested(depth - 1) });

test('an order of a known customer is let in', () => {
  expect(admitEvent(anOrder({ messageId: 'm1', timestamp: '2026-05-31T23:00:00Z' }), arrival)).toEqual({
    kind: 'accepted',
    event: {
      messageId: 'm1',
      type: 'track',
      name: 'Order Completed',
      alsoKnownBy: [],
      junk: 0,
      identifier: { kind: 'user', value: 'ada' },
      timestampMs: Date.UTC(2026, 4, 31, 23),
      receivedAtMs: arrival.receivedAtMs,
      source: 'app',
      open: {},
      personal: {},
    },
  });
});

test('an event without a time happened when it arrived', () => {
  expect(admitEvent(anOrder(), arrival)).toMatchObject({ event: { timestampMs: arrival.receivedAtMs, messageId: 'fresh' } });
});

test('a clock that is an hour fast is set right by sentAt', () => {
  const body = anOrder({ timestamp: '2026-06-01T00:50:00Z', sentAt: '2026-06-01T01:00:00Z' });
  expect(admitEvent(body, arrival)).toMatchObject({ event: { timestampMs: arrival.receivedAtMs - 600_000 } });
});

test.each<[string, object, readonly string[]]>([
  ['an event', { anonymousId: 'v' }, ['v']],
  ['an event whose anonymous identifier is a placeholder', { anonymousId: 'null' }, []],
  ['an event of a visitor', { userId: undefined, anonymousId: 'v' }, []],
  ['an alias call', { type: 'alias', previousId: 'w', anonymousId: 'v' }, ['w', 'v']],
  ['an alias call that names one twice', { type: 'alias', previousId: 'v', anonymousId: 'v' }, ['v']],
  ['another call with a previous id', { previousId: 'w' }, []],
])('%s of a customer says who else that is', (_, more, also) => {
  const { type: _path, ...unnamed } = arrival;
  const verdict = admitEvent(anOrder({ type: 'track', ...more }), unnamed);
  expect(verdict.kind === 'accepted' && verdict.event.alsoKnownBy).toEqual(also);
});

test('the user id is stronger than the anonymous one', () => {
  expect(admitEvent(anOrder({ anonymousId: 'x1' }), arrival)).toMatchObject({ event: { identifier: { kind: 'user', value: 'ada' } } });
  expect(admitEvent({ event: 'x', userId: null, anonymousId: 'x1' }, arrival)).toMatchObject({ event: { identifier: { kind: 'anonymous', value: 'x1' } } });
});

test('each bound lets the last in and keeps the next out', () => {
  expect(codeOf(anOrder({ properties: nested(15) }))).toBe('accepted');
  expect(codeOf(anOrder({ properties: nested(16) }))).toMatch(/^EVENT_TOO_DEEP properties/);
  expect(codeOf(anOrder({ properties: { t: 'x'.repeat(8_192) } }))).toBe('accepted');
  expect(codeOf(anOrder({ properties: { t: 'x'.repeat(8_193) } }))).toBe('STRING_TOO_LONG properties.t');
  const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
  expect(codeOf(anOrder({ properties: keys(200) }))).toBe('accepted');
  expect(codeOf(anOrder({ properties: keys(201) }))).toBe('EVENT_TOO_MANY_KEYS properties');
  expect(codeOf(anOrder({ properties: { l: Array(2_501).fill(0) } }))).toBe('EVENT_TOO_MANY_KEYS properties.l');
  expect(codeOf(anOrder({ userId: 'u'.repeat(256) }))).toBe('accepted');
  expect(codeOf(anOrder({ userId: 'u'.repeat(257) }))).toBe('IDENTIFIER_INVALID userId');
  expect(codeOf(anOrder({ timestamp: arrival.receivedAtMs + 86_400_000 }))).toBe('accepted');
  expect(codeOf(anOrder({ timestamp: arrival.receivedAtMs + 86_400_001 }))).toBe('TIMESTAMP_OUT_OF_RANGE timestamp');
});

test('an object of a hundred thousand levels does not exhaust the stack', () => {
  let deep: object = {};
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  expect(codeOf(anOrder({ properties: deep }))).toMatch(/^EVENT_TOO_DEEP/);
});

test('an event whose size is told may have 32 KiB and no more', () => {
  expect(admitEvent(anOrder(), { ...arrival, bytes: 32_768 })).toMatchObject({ kind: 'accepted' });
  expect(admitEvent(anOrder(), { ...arrival, bytes: 32_769 })).toEqual({ kind: 'rejected', code: 'EVENT_TOO_LARGE', field: '' });
});

test('properties that are no object are refused, and null counts as none', () => {
  expect(codeOf(anOrder({ properties: [1] }))).toBe('FIELD_INVALID properties');
  expect(codeOf(anOrder({ properties: 'x' }))).toBe('FIELD_INVALID properties');
  expect(codeOf(anOrder({ properties: null }))).toBe('accepted');
});

test('each kind of call has its fields where its clients put them', () => {
  const told = (type: Arrival['type'] & string, body: object) => {
    const verdict = admitEvent({ userId: 'ada', event: 'x', ...body }, { ...arrival, type });
    return verdict.kind === 'accepted' ? verdict.event.personal : verdict;
  };
  const both = { properties: { p: 1 }, traits: { t: 2 }, context: { traits: { c: 3 } } };
  expect((['track', 'page', 'screen', 'group'] as const).map((type) => told(type, both))).toEqual(Array(4).fill({ p: 1 }));
  expect(told('identify', both)).toEqual({ t: 2 });
  expect(told('group', { traits: { t: 2 } })).toEqual({ t: 2 });
  expect(told('identify', { context: { traits: { c: 3 } } })).toEqual({});
  expect(told('alias', both)).toEqual({});
});
