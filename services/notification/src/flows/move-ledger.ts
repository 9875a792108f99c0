import { Delivery, DeliveryState, LedgerMoved } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission } from '@attune/processor/definition';
import type { Ledger } from '../domain/ledger.ts';
import { type MovedEntry, type MovedLedger, promotionsOf } from '../domain/move-ledger.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { headersOf } from './record-type.ts';

/** Where knowledge of a ledger goes, and which of it. */
export interface LedgerMove {
  readonly ledger: Ledger;
  /** The customer's profile. */
  readonly to: string;
  /** One decision that came further; absent = all that is known. */
  readonly decisionId?: string;
}

/** Tells the customer's ledger what a visitor's knows, also where that is nothing: promotions wait for it. Of one decision only what is news. */
export function ledgerEmission({ tenant, key, partition, offset }: LogRecord, { ledger, to, decisionId }: LedgerMove): readonly Emission[] {
  const deliveries = promotionsOf(ledger, decisionId).map(deliveryOf);
  const { suppressed, pausedUntilMs } = ledger;
  if (decisionId !== undefined && deliveries.length === 0 && suppressed.size === 0) return [];
  const id = `${key}/${partition}/${offset}/ledger`;
  const pause = decisionId === undefined ? { pausedUntilMs: BigInt(pausedUntilMs) } : {};
  const moved = LedgerMoved.fromPartial({ id, fromProfileId: key, toProfileId: to, deliveries, suppressed: [...suppressed], ...pause });
  return [{ id, tenant, topic: DELIVERIES_TOPIC, key: to, value: LedgerMoved.encode(moved).finish(), headers: headersOf('LedgerMoved') }];
}

/** The knowledge in a record. */
export function movedLedger(value: Uint8Array): MovedLedger {
  const { id, fromProfileId: from, deliveries, suppressed, pausedUntilMs } = LedgerMoved.decode(value);
  return { id, from, entries: deliveries.flatMap(entryOf), suppressed, pausedUntilMs: Number(pausedUntilMs) };
}

const STATES = [
  ['claimed', DeliveryState.DELIVERY_STATE_INTENT],
  ['sent', DeliveryState.DELIVERY_STATE_SENT],
  ['unknown', DeliveryState.DELIVERY_STATE_UNKNOWN],
  ['failed', DeliveryState.DELIVERY_STATE_FAILED],
  ['dropped', DeliveryState.DELIVERY_STATE_DROPPED],
] as const;

function deliveryOf({ decisionId, campaign, channel, reason, claimedAtMs, state }: MovedEntry): Delivery {
  const told = STATES.find(([word]) => word === state)?.[1] ?? DeliveryState.DELIVERY_STATE_DROPPED;
  return Delivery.fromPartial({ decisionId, campaign, channel, reason, state: told, atMs: BigInt(claimedAtMs), promotional: true });
}

function entryOf({ decisionId, campaign, channel, reason, state, atMs }: Delivery): readonly MovedEntry[] {
  const known = STATES.find(([, number]) => number === state);
  return known ? [{ decisionId, campaign, channel, reason, state: known[0], claimedAtMs: Number(atMs) }] : [];
}
