import {
  type Activity,
  type CustomerEvent,
  type Decision,
  type Delivery,
  DeliveryState,
  decisionOutcomeToJSON,
  deliveryStateToJSON,
  eventTypeToJSON,
  type ProfileChange,
  ProfileChangeKind,
  type RejectedEvent,
} from '@attune/contracts/messages/log/v1/log';
import type { Entry, Scalar } from './entry.ts';

const FIELDS_MAX = 8;
const TEXT_MAX = 120;

/** The entry of what a customer did; undefined where the record tells of none (a due time, a configuration, a dropped repeat). */
export function entryOfActivity({ profileId, record }: Activity, customer: string): Entry | undefined {
  if (record?.$case === 'event') {
    const { messageId, timestampMs } = record.value;
    return {
      kind: 'event',
      id: `event/${messageId}`,
      atMs: Number(timestampMs),
      profileId,
      customer,
      name: nameOf(record.value),
      ...shown(record.value.openJson),
    };
  }
  if (record?.$case !== 'consent') return undefined;
  const { messageId, receivedAtMs, purposes } = record.value;
  return { kind: 'consent', id: `consent/${messageId}`, atMs: Number(receivedAtMs), profileId, customer, purposes: { ...plain(purposes) } };
}

/** The entry of a segment entered or left; undefined for an event, which the activity has told already. */
export function entryOfChange({ id, profileId, kind, segment, atMs }: ProfileChange, customer: string): Entry | undefined {
  if (kind !== ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED && kind !== ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT) return undefined;
  const word = kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED ? 'entered' : 'left';
  return { kind: word, id: `change/${id}`, atMs: Number(atMs), profileId, customer, segment };
}

/** The entry of a decision. */
export function entryOfDecision({ id, profileId, nowMs, campaign, outcome, offer, message, explored }: Decision, customer: string): Entry {
  const word = decisionOutcomeToJSON(outcome).replace('DECISION_OUTCOME_', '');
  return { kind: 'decided', id: `decision/${id}`, atMs: Number(nowMs), profileId, customer, decisionId: id, campaign, outcome: word, offer, message, explored };
}

/** The entry of what became of a message; undefined for a mere claim. */
export function entryOfDelivery(delivery: Delivery, customer: string): Entry | undefined {
  const { id, profileId, atMs, decisionId, campaign, channel, offer, reason } = delivery;
  if (delivery.state === DeliveryState.DELIVERY_STATE_INTENT) return undefined;
  const state = deliveryStateToJSON(delivery.state).replace('DELIVERY_STATE_', '');
  const untilMs = Number(delivery.untilMs);
  const base = { id: `delivery/${id}/${state}/${reason}/${untilMs}`, atMs: Number(atMs), profileId, customer };
  return { kind: 'delivery', ...base, deliveryId: id, decisionId, campaign, channel, offer, state, reason, untilMs };
}

/** The entry of an event that the door refused; `id` is the record's own. */
export function entryOfRejected({ receivedAtMs, code, field, reason, fix, source }: RejectedEvent, id: string): Entry {
  return { kind: 'rejected', id: `rejected/${id}`, atMs: Number(receivedAtMs), profileId: '', customer: '', code, field, reason, fix, source };
}

const nameOf = ({ type, name }: CustomerEvent): string => (name === '' ? eventTypeToJSON(type).replace('EVENT_TYPE_', '').toLowerCase() : name);

/** Generated maps are objects or Maps, as the generator is set. */
const plain = (map: unknown): Record<string, boolean> => (map instanceof Map ? Object.fromEntries(map) : (map as Record<string, boolean>));

/** The first plain fields, and the length of the longest list, which is what an order's lines are. */
function shown(openJson: string): { readonly lines: number; readonly fields: Record<string, Scalar> } {
  const fields: Record<string, Scalar> = {};
  let lines = 0;
  for (const [name, value] of Object.entries(objectOf(openJson))) {
    if (Array.isArray(value)) lines = Math.max(lines, value.length);
    else if (isScalar(value) && Object.keys(fields).length < FIELDS_MAX) fields[name] = typeof value === 'string' ? value.slice(0, TEXT_MAX) : value;
  }
  return { lines, fields };
}

const isScalar = (value: unknown): value is Scalar => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function objectOf(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
