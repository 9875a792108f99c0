import { type Decision, DeliveryState } from '@attune/contracts/messages/log/v1/log';
import type { TenantId } from '@attune/event-log/port';
import type { Channel, OutgoingMessage, SendResult } from '../ports.ts';
import type { Claims } from './claim-send.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import type { Note } from './note-delivery.ts';

/** A message that this attempt may give to the provider. */
export interface HandOver {
  readonly tenant: TenantId;
  readonly decision: Decision;
  readonly channel: Channel;
  readonly message: OutgoingMessage;
  readonly attempt: string;
  /** How often the provider was away before. */
  readonly triesAway: number;
}

const FIRST_WAIT_MS = 30_000;
const WAIT_MAX_MS = 3_600_000;
const TRIES_MAX = 30;

/** Calls the provider and notes what came of it. @throws AttuneError LOG_UNAVAILABLE: the claim then stands without an outcome until `claims` notes it */
export async function handOver(ports: DeliveryPorts, claims: Claims, { tenant, decision, channel, message, attempt, triesAway }: HandOver): Promise<void> {
  const result = await sent(ports, channel, message);
  if (result.kind === 'sent') measureWait(ports, channel, decision);
  const about = { tenant, decision, channel: channel.name, attempt };
  await claims.noteOutcome({ ...about, ...outcomeOf(result, message), ...(mayWait(result, decision) ? waiting(ports, decision, triesAway) : {}) });
}

function measureWait({ telemetry, clock }: DeliveryPorts, { name: channel }: Channel, { nowMs: decidedAtMs }: Decision): void {
  telemetry.measure('attune_notification_decision_to_send_seconds', { channel }, Math.max(0, clock.nowMs() - Number(decidedAtMs)) / 1e3);
}

async function sent({ telemetry, stopwatch }: DeliveryPorts, channel: Channel, message: OutgoingMessage): Promise<SendResult> {
  const startedMs = stopwatch.elapsedMs();
  const result = await telemetry
    .within('channel send', { attributes: { 'attune.channel': channel.name } }, () => channel.send(message))
    .catch((): SendResult => ({ kind: 'unknown' }));
  const labels = { channel: channel.name, result: result.kind };
  telemetry.measure('attune_notification_send_seconds', labels, (stopwatch.elapsedMs() - startedMs) / 1e3);
  return result;
}

/** A provider that is away is tried again; one that may have the message only where a second copy does no harm. */
const mayWait = ({ kind }: SendResult, { promotional }: Decision): boolean => kind === 'away' || (kind === 'unknown' && !promotional);

function outcomeOf(result: SendResult, message: OutgoingMessage): Pick<Note, 'state' | 'reason' | 'message'> {
  if (result.kind === 'sent') return { state: DeliveryState.DELIVERY_STATE_SENT, message };
  if (result.kind === 'refused') return { state: DeliveryState.DELIVERY_STATE_FAILED, reason: result.reason, message };
  return { state: DeliveryState.DELIVERY_STATE_UNKNOWN, reason: 'PROVIDER_SILENT' };
}

/** Waits longer each time, spread by half; gives up at the end of the decision or after 30 tries. */
function waiting({ clock, jitter }: DeliveryPorts, { promotional, expiresAtMs }: Decision, triesAway: number): Pick<Note, 'state' | 'reason' | 'untilMs'> {
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** triesAway, WAIT_MAX_MS) * (0.5 + jitter() / 2);
  const untilMs = Math.ceil(clock.nowMs() + waitMs);
  const over = triesAway >= TRIES_MAX || (promotional && expiresAtMs > 0n && BigInt(untilMs) >= expiresAtMs);
  return over
    ? { state: DeliveryState.DELIVERY_STATE_FAILED, reason: 'PROVIDER_AWAY' }
    : { state: DeliveryState.DELIVERY_STATE_HELD, reason: 'PROVIDER_AWAY', untilMs };
}
