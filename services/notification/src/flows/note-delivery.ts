import { createHash } from 'node:crypto';
import { type Decision, Delivery, DeliveryState, type Sealed } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogRecord, TenantId } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { subjectKey } from '@attune/sealing/port';
import { INBOX } from '../domain/inbox.ts';
import type { OutgoingMessage } from '../ports.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { headersOf } from './record-type.ts';

/** The id of a delivery: the same decision through the same channel is the same delivery. */
export const deliveryIdOf = (decisionId: string, channel: string): string =>
  `m_${createHash('sha256')
    .update(JSON.stringify([decisionId, channel]))
    .digest('base64url')
    .slice(0, 22)}`;

/** What is noted of a delivery. */
export interface Note {
  readonly tenant: TenantId;
  readonly decision: Decision;
  /** Empty where there is no channel for it. */
  readonly channel: string;
  readonly state: DeliveryState;
  readonly reason?: string;
  readonly untilMs?: number;
  readonly attempt?: string;
  /** The message as it was handed over, or would have been. */
  readonly message?: OutgoingMessage;
}

/** What noting needs. */
export type NotePorts = Pick<DeliveryPorts, 'log' | 'clock' | 'ring' | 'telemetry'>;

/** Appends a claim, a wait or an outcome to attune.deliveries.v1; answers the record with its place, and with this process's time for that of its append. @throws AttuneError LOG_UNAVAILABLE */
export async function noteDelivery({ log, clock, ring, telemetry }: NotePorts, note: Note): Promise<LogRecord> {
  const { tenant, decision, channel, state, reason = '', untilMs = 0, attempt = '', message } = note;
  const delivery = Delivery.fromPartial({
    id: deliveryIdOf(decision.id, channel),
    decisionId: decision.id,
    profileId: decision.profileId,
    campaign: decision.campaign,
    channel,
    state,
    reason,
    atMs: BigInt(clock.nowMs()),
    untilMs: BigInt(untilMs),
    promotional: decision.promotional,
    content: message && (await sealedContent(ring, message, channel === INBOX)),
    attempt,
    offer: decision.offer,
    hops: decision.hops,
    language: message?.language ?? '',
    leaf: message?.leaf ?? '',
  });
  const record = await append(log, tenant, delivery);
  const labels = { campaign: decision.campaign, channel: channel || NONE, state: states.get(state) ?? '', reason: reason || NONE };
  telemetry.count('attune_notification_deliveries_total', labels);
  return record;
}

const NONE = 'none';
const states: ReadonlyMap<DeliveryState, string> = new Map([
  [DeliveryState.DELIVERY_STATE_INTENT, 'intent'],
  [DeliveryState.DELIVERY_STATE_SENT, 'sent'],
  [DeliveryState.DELIVERY_STATE_HELD, 'held'],
  [DeliveryState.DELIVERY_STATE_FAILED, 'failed'],
  [DeliveryState.DELIVERY_STATE_DROPPED, 'dropped'],
  [DeliveryState.DELIVERY_STATE_UNKNOWN, 'unknown'],
]);

async function append(log: EventLog, tenant: TenantId, delivery: Delivery): Promise<LogRecord> {
  const record = { key: delivery.profileId, value: Delivery.encode(delivery).finish(), headers: headersOf('Delivery') };
  const [position] = await log.append(tenant, DELIVERIES_TOPIC, [record]);
  if (position === undefined) throw new AttuneError('LOG_UNAVAILABLE');
  return { ...record, ...position, tenant, appendedAtMs: Number(delivery.atMs) };
}

/** Undefined for a person who was erased meanwhile. */
async function sealedContent(ring: DeliveryPorts['ring'], message: OutgoingMessage, inInbox: boolean): Promise<Sealed | undefined> {
  const { tenant, id, profileId, to, subject, html, text } = message;
  // An inbox is a list of plain words in an application's own dress, and has no address.
  const plain = Buffer.from(JSON.stringify(inInbox ? { subject, text } : { to: to.address, subject, html, text }));
  try {
    await ring.ensure(tenant, [subjectKey(profileId)]);
    return ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, plain);
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}
