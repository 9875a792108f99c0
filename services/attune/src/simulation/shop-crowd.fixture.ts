import { AcceptedEvent, Activity, EventType } from '@attune/contracts/messages/log/v1/log';
import type { KeyRing } from '@attune/sealing/key-ring';
import { dayKey } from '@attune/sealing/port';
import type { SimWorld } from '@attune/testing/simulation/sim-world';

/** The shop of the simulated crowd. Test only. */
export const DOCUMENT = `attune: 1
shop: { name: Simulated, time_zone: UTC, currency: EUR, languages: [en] }
purposes:
  personalise: { basis: legitimate_interest, keep: 1y, tell: { en: to choose what you see } }
traits:
  email: { type: email, personal: true, purposes: [personalise] }
late_events: { allowed: 7d }
events:
  Order Completed: { role: purchase, fields: { order_id: { type: string, required: true, open: true }, total: { type: number }, note: { type: number, personal: true } } }
features:
  orders: { count: Order Completed }
  spend: { sum: total, of: Order Completed, window: 30d }
  noted: { sum: note, of: Order Completed }
  gap: { mean_gap: Order Completed, unit: days }
segments:
  buyer: orders >= 1
  regular: orders >= 6
`;

const CUSTOMERS = ['ada', 'bea', 'cid'] as const;
const DEVICES_EACH = 3;
/** Two customers are seen with it, now the one and now the other. */
export const KIOSK = 'device-kiosk';
const TENANT = 'default';
const TIMESTAMP_MS = Date.UTC(2026, 10, 24);

/** Appends to attune.accepted.v1 what the door would: visits on devices, orders of customers, and now and then both in one event, or an event again. */
export class Crowd {
  readonly #ring: KeyRing;
  #sent = 0;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** One event. */
  appendTo({ broker, scheduler }: SimWorld): void {
    const { random } = scheduler;
    const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
    const customer = pick(CUSTOMERS);
    const isAtKiosk = customer !== 'cid' && random() < 0.15;
    const device = isAtKiosk ? KIOSK : `device-${customer}-${Math.floor(random() * DEVICES_EACH)}`;
    const draw = random();
    // A customer names the device seldom, so that visits come before, between and after.
    const key = draw < 0.6 ? device : `customer-${customer}`;
    const alsoKnownBy = draw > (isAtKiosk ? 0.7 : 0.88) ? [device] : [];
    const n = random() < 0.1 ? Math.floor(random() * (this.#sent + 1)) : this.#sent++;
    broker.append(TENANT, 'attune.accepted.v1', { key, value: this.#event(`${key}-${n}`, n, { key, alsoKnownBy }) }, scheduler.nowMs);
  }

  #event(messageId: string, n: number, { key, alsoKnownBy }: { readonly key: string; readonly alsoKnownBy: readonly string[] }): Uint8Array {
    const hidden = { identifier: key, fields: { note: n } };
    const sealed = this.#ring.seal(dayKey(TIMESTAMP_MS), { tenant: TENANT, subject: key, id: messageId }, Buffer.from(JSON.stringify(hidden)));
    const times = { timestampMs: BigInt(TIMESTAMP_MS + n), receivedAtMs: BigInt(TIMESTAMP_MS + n) };
    const openJson = JSON.stringify({ order_id: messageId, total: n });
    const value = { messageId, type: EventType.EVENT_TYPE_TRACK, name: 'Order Completed', ...times, openJson, sealed, source: 'app' };
    return AcceptedEvent.encode(AcceptedEvent.fromPartial({ alsoKnownBy: [...alsoKnownBy], record: { $case: 'event', value } })).finish();
  }
}

/** Puts the shop's configuration into each partition of attune.activity.v1. */
export function activate({ broker }: SimWorld): void {
  const record = { $case: 'configuration', value: { version: 'simulated', document: DOCUMENT, receivedAtMs: BigInt(TIMESTAMP_MS) } } as const;
  const value = Activity.encode(Activity.fromPartial({ acceptedOffset: -1n, record })).finish();
  for (let partition = 0; partition < broker.partitions; partition++)
    broker.append(TENANT, 'attune.activity.v1', { key: 'configuration', value, partition }, 0);
}

/** The day under whose key the crowd's events are sealed. */
export const CROWD_DAY = dayKey(TIMESTAMP_MS);
