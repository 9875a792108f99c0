import { readFileSync } from 'node:fs';
import { Configurations } from '@attune/configuration/configurations';
import { Activity, ConfigurationActivated, CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { NewRecord } from '@attune/event-log/port';
import { featureKindSpecs } from '@attune/feature-store/composition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';

export const TENANT = 'default';
const NOW_MS = Date.UTC(2026, 5, 1);
const YEAR_MS = 365 * 86_400_000;
const DOCUMENT = readFileSync(new URL('../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
/** The invoices of the demo have 18 lines in the mean. */
const LINES_MAX = 35;
const HEADERS = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.Activity' };

/** So many profiles with so many records each: who it is, then orders. */
export interface ShopYear {
  readonly profiles: number;
  readonly records: number;
}

export const shopConfigurations = (): Configurations => new Configurations(featureKindSpecs);

/** The configuration of the example shop for one partition. */
export function configurationRecord(configurations: Configurations, partition: number): NewRecord {
  const value = ConfigurationActivated.fromPartial({ version: configurations.of(DOCUMENT).version, document: DOCUMENT });
  const activity = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value } });
  return { key: 'configuration', value: Activity.encode(activity).finish(), partition, headers: HEADERS };
}

/** A year of the example shop as the door parts its fields and the resolver writes it, in order of time: who it is lies sealed, totals (numbers say no words) and products in clear. */
export async function yearOf(ring: KeyRing, { profiles, records }: ShopYear): Promise<readonly NewRecord[]> {
  const ids = Array.from({ length: profiles }, (_, i) => `p_${String(i).padStart(13, '0')}`);
  await ring.ensure(TENANT, ids.map(subjectKey));
  return Array.from({ length: records }, (_, n) => ids.map((profileId, i) => recordOf(ring, { profileId, n, records, offset: n * profiles + i }))).flat();
}

interface Happening {
  readonly profileId: string;
  /** 0 = who it is; then orders. */
  readonly n: number;
  readonly records: number;
  readonly offset: number;
}

function recordOf(ring: KeyRing, { profileId, n, records, offset }: Happening): NewRecord {
  const messageId = `m${offset}`;
  const at = BigInt(Math.floor(NOW_MS - YEAR_MS + (n * YEAR_MS) / records));
  const { open, fields } = n === 0 ? whoItIs(profileId) : orderAt(offset);
  const words = { tenant: TENANT, subject: profileId, id: messageId };
  const sealed = ring.seal(subjectKey(profileId), words, Buffer.from(JSON.stringify({ identifier: profileId, fields })));
  const type = n === 0 ? EventType.EVENT_TYPE_IDENTIFY : EventType.EVENT_TYPE_TRACK;
  const times = { timestampMs: at, receivedAtMs: at };
  const event = CustomerEvent.fromPartial({
    messageId,
    type,
    name: n === 0 ? '' : 'Order Completed',
    ...times,
    openJson: JSON.stringify(open),
    sealed,
    source: 'app',
  });
  const activity = Activity.fromPartial({ profileId, leaf: 'leaf', acceptedOffset: BigInt(offset), record: { $case: 'event', value: event } });
  return { key: profileId, value: Activity.encode(activity).finish(), headers: HEADERS };
}

const whoItIs = (profileId: string) => ({
  open: { country: 'United Kingdom', language: 'en', time_zone: 'Europe/London' },
  fields: { email: `${profileId}@example.com`, name: 'Ann Example' },
});

function orderAt(offset: number) {
  const lines = 1 + ((offset * 17) % LINES_MAX);
  const products = Array.from({ length: lines }, (_, i) => ({
    product_id: String(20_000 + ((offset + i * 37) % 4_000)),
    name: 'REGENCY CAKESTAND 3 TIER',
    quantity: 1 + (i % 12),
    price: 2.95,
  }));
  return { open: { order_id: `o${offset}`, total: 24.5 + (offset % 997) / 10, currency: 'GBP', products }, fields: undefined };
}
