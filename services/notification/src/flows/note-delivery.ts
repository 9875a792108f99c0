import { createHash } from 'node:crypto';
import { type Decision, Delivery, type DeliveryState, type Sealed } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, TenantId } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { subjectKey } from '@attune/sealing/port';
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

/** Appends a claim, a wait or an outcome to attune.deliveries.v1; answers its offset. @throws AttuneError LOG_UNAVAILABLE */
export async function noteDelivery({ log, clock, ring }: Pick<DeliveryPorts, 'log' | 'clock' | 'ring'>, note: Note): Promise<number> {
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
    content: message && (await sealedContent(ring, message)),
    attempt,
    offer: decision.offer,
    language: message?.language ?? '',
  });
  return append(log, tenant, delivery);
}

async function append(log: EventLog, tenant: TenantId, delivery: Delivery): Promise<number> {
  const record = { key: delivery.profileId, value: Delivery.encode(delivery).finish(), headers: headersOf('Delivery') };
  const [position] = await log.append(tenant, DELIVERIES_TOPIC, [record]);
  if (position === undefined) throw new AttuneError('LOG_UNAVAILABLE');
  return position.offset;
}

/** Undefined for a person who was erased meanwhile. */
async function sealedContent(ring: DeliveryPorts['ring'], { tenant, id, profileId, to, subject, html, text }: OutgoingMessage): Promise<Sealed | undefined> {
  const plain = Buffer.from(JSON.stringify({ to: to.address, subject, html, text }));
  try {
    await ring.ensure(tenant, [subjectKey(profileId)]);
    return ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, plain);
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}
