import {
  Activity,
  Decision,
  DecisionOutcome,
  Delivery,
  DeliveryState,
  EventType,
  ProfileChange,
  ProfileChangeKind,
  RejectedEvent,
} from '@attune/contracts/messages/log/v1/log';
import { expect, test } from 'vitest';
import { entryOfActivity, entryOfChange, entryOfDecision, entryOfDelivery, entryOfRejected } from './entries-of.ts';

const activity = (openJson: string, name = 'Order Completed') =>
  Activity.fromPartial({
    profileId: 'p1',
    record: { $case: 'event', value: { messageId: 'm1', type: EventType.EVENT_TYPE_PAGE, name, timestampMs: 5n, openJson } },
  });

test('an event shows its plain fields and how many lines it has', () => {
  const open = { order_id: 'o1', total: 12.5, gift: true, products: [{ product_id: 'x' }, { product_id: 'y' }], address: { city: 'Bath' } };
  expect(entryOfActivity(activity(JSON.stringify(open)), '13085')).toEqual({
    kind: 'event',
    id: 'event/m1',
    atMs: 5,
    profileId: 'p1',
    customer: '13085',
    name: 'Order Completed',
    lines: 2,
    fields: { order_id: 'o1', total: 12.5, gift: true },
  });
});

test('fields are bounded in number and length', () => {
  const open = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, 'x'.repeat(1_000)]));
  const entry = entryOfActivity(activity(JSON.stringify(open)), '');
  expect(entry?.kind === 'event' && Object.values(entry.fields).map((it) => String(it).length)).toEqual(Array.from({ length: 8 }, () => 120));
});

test.each(['', 'null', '[1', '7'])('an event with %j for fields is told without any', (openJson) => {
  expect(entryOfActivity(activity(openJson), '')).toMatchObject({ fields: {}, lines: 0 });
});

test('a call without a name is called by its type', () => {
  expect(entryOfActivity(activity('{}', ''), '')).toMatchObject({ name: 'page' });
});

test('a change of consent is told; a due time, a configuration and a dropped repeat are not', () => {
  const consent = Activity.fromPartial({
    profileId: 'p1',
    record: { $case: 'consent', value: { messageId: 'm2', receivedAtMs: 6n, purposes: { marketing: true } } },
  });
  expect(entryOfActivity(consent, '')).toMatchObject({ kind: 'consent', id: 'consent/m2', atMs: 6, purposes: { marketing: true } });
  expect(entryOfActivity(Activity.fromPartial({ record: { $case: 'due', value: {} } }), '')).toBeUndefined();
  expect(entryOfActivity(Activity.fromPartial({ record: { $case: 'configuration', value: {} } }), '')).toBeUndefined();
  expect(entryOfActivity(Activity.fromPartial({ profileId: 'p1' }), '')).toBeUndefined();
});

test('entered and left are told; an event that a goal waits for is not, the activity told it', () => {
  const change = (kind: ProfileChangeKind) => entryOfChange(ProfileChange.fromPartial({ id: 'c1', profileId: 'p1', segment: 'vip', atMs: 7n, kind }), '');
  expect(change(ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED)).toMatchObject({ kind: 'entered', segment: 'vip', atMs: 7 });
  expect(change(ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT)).toMatchObject({ kind: 'left', segment: 'vip' });
  expect(change(ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT)).toBeUndefined();
});

test('a decision is told with its outcome as a code', () => {
  const decision = Decision.fromPartial({ id: 'd1', profileId: 'p1', nowMs: 8n, campaign: 'welcome_back', outcome: DecisionOutcome.DECISION_OUTCOME_HELD_OUT });
  expect(entryOfDecision(decision, '')).toMatchObject({ kind: 'decided', id: 'decision/d1', decisionId: 'd1', outcome: 'HELD_OUT', atMs: 8 });
});

test('each state of a delivery is one entry, and a claim none', () => {
  const delivery = (state: DeliveryState, reason = '') => entryOfDelivery(Delivery.fromPartial({ id: 'x', state, reason, atMs: 9n, untilMs: 10n }), '');
  expect(delivery(DeliveryState.DELIVERY_STATE_INTENT)).toBeUndefined();
  expect(delivery(DeliveryState.DELIVERY_STATE_HELD, 'QUIET_HOURS')).toMatchObject({ kind: 'delivery', state: 'HELD', reason: 'QUIET_HOURS', untilMs: 10 });
  expect(delivery(DeliveryState.DELIVERY_STATE_HELD, 'QUIET_HOURS')?.id).not.toBe(delivery(DeliveryState.DELIVERY_STATE_SENT)?.id);
});

test('a rejected event says what was wrong and the fix', () => {
  const rejected = RejectedEvent.fromPartial({ code: 'FIELD_MISSING', field: 'order_id', reason: 'r', fix: 'f', receivedAtMs: 11n, source: 'app' });
  expect(entryOfRejected(rejected, '0/3')).toMatchObject({
    kind: 'rejected',
    id: 'rejected/0/3',
    code: 'FIELD_MISSING',
    field: 'order_id',
    fix: 'f',
    atMs: 11,
  });
});
