import { Activity, ConfigurationActivated, CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { NewRecord } from '@attune/event-log/port';
import { shopConfigurations } from './shop-activity.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const SPAN_MS = 30 * 86_400_000;
const HEADERS = { 'content-type': 'application/x-protobuf', type: 'attune.log.v1.Activity' };
const EVENTS = ['Viewed', 'Bought', 'Returned'];
const WINDOWS = ['1h', '1d', '7d', '30d'];

/** Counts and sums of three events over four windows: 24 features. The peers under `peers/` keep the same. */
export const COUNTERS_DOCUMENT = `attune: 1
shop: { name: Counters, time_zone: UTC, currency: GBP, languages: [en] }
purposes: { personalise: { basis: legitimate_interest, keep: 2y, tell: { en: to choose what you see } } }
events:
${EVENTS.map((event) => `  ${event}: { fields: { total: { type: number } } }`).join('\n')}
features:
${EVENTS.flatMap((event) =>
  WINDOWS.flatMap((window) => [
    `  ${event.toLowerCase()}_${window}: { count: ${event}, window: ${window} }`,
    `  ${event.toLowerCase()}_total_${window}: { sum: total, of: ${event}, window: ${window} }`,
  ]),
).join('\n')}
`;

/** One event as each side reads it. */
export interface CounterEvent {
  readonly profileId: string;
  /** For Attune: what the resolver writes. */
  readonly activity: NewRecord;
  /** For a peer: the same as plain JSON. */
  readonly json: NewRecord;
}

/** The configuration for one partition of activity. */
export function countersRecord(partition: number): NewRecord {
  const { version } = shopConfigurations().of(COUNTERS_DOCUMENT);
  const value = ConfigurationActivated.fromPartial({ version, document: COUNTERS_DOCUMENT });
  const activity = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value } });
  return { key: 'configuration', value: Activity.encode(activity).finish(), partition, headers: HEADERS };
}

/** So many events of so many profiles over 30 days, in the order of time. */
export const counterEvents = (events: number, profiles: number): readonly CounterEvent[] =>
  Array.from({ length: events }, (_, i) => counterEvent(i, { events, profiles }));

function counterEvent(i: number, { events, profiles }: { readonly events: number; readonly profiles: number }): CounterEvent {
  const profileId = `p_${String((i * 7_919) % profiles).padStart(13, '0')}`;
  const event = EVENTS[(i * 31) % 7 > 4 ? 2 : (i * 31) % 7 > 2 ? 1 : 0] ?? 'Viewed';
  const timestampMs = Math.floor(NOW_MS - SPAN_MS + (i * SPAN_MS) / events);
  const [messageId, total] = [`m${i}`, 24.5 + (i % 997) / 100];
  const at = BigInt(timestampMs);
  const value = CustomerEvent.fromPartial({
    ...{ messageId, type: EventType.EVENT_TYPE_TRACK, name: event, timestampMs: at, receivedAtMs: at, source: 'app' },
    openJson: JSON.stringify({ total }),
  });
  const activity = Activity.fromPartial({ profileId, leaf: 'leaf', acceptedOffset: BigInt(i), record: { $case: 'event', value } });
  return {
    profileId,
    activity: { key: profileId, value: Activity.encode(activity).finish(), headers: HEADERS },
    json: { key: profileId, value: Buffer.from(JSON.stringify({ messageId, event, timestampMs, source: 'app', total })) },
  };
}
