import type { Configuration } from '@attune/configuration/configuration';
import { Activity, ConfigurationActivated } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord, TenantId, TopicSpec } from '@attune/event-log/port';

const TOPICS: readonly string[] = ['events', 'accepted', 'activity', 'profiles', 'decisions', 'deliveries', 'learning', 'events.rejected'].map(
  (name) => `attune.${name}.v1`,
);

const HOUR_MS = 3_600_000;
/** What applications write in clear, and what was refused with its sealed original, is not kept for long. */
const KEPT_MS: Readonly<Record<string, number>> = { 'attune.events.v1': 48 * HOUR_MS, 'attune.events.rejected.v1': 72 * HOUR_MS };
const REPLAYED_KEPT_MS = 72 * HOUR_MS;

/** Attune's own topics and the one that applications write, with the same number of partitions where they are made here; what every process reads whole has one. */
export const topicsOf = (partitions: number): readonly TopicSpec[] => [
  ...TOPICS.map((topic) => ({ topic, partitions, ...(KEPT_MS[topic] !== undefined && { retentionMs: KEPT_MS[topic] }) })),
  { topic: 'attune.events.replayed.v1', partitions: 1, retentionMs: REPLAYED_KEPT_MS },
  { topic: 'attune.items.v1', partitions: 1, compacted: true },
  { topic: 'attune.index-generations.v1', partitions: 1 },
  { topic: 'attune.model-states.v1', partitions: 1 },
];

/** What is needed to tell every processor which configuration holds from here on. */
export interface Activation {
  readonly log: EventLog;
  readonly tenant: TenantId;
  readonly configuration: Configuration;
  /** The text that was compiled. */
  readonly document: string;
  readonly partitions: number;
  readonly nowMs: number;
  /** Absent = all whose folds depend on it. */
  readonly topics?: readonly string[];
}

const ACTIVITY = 'attune.activity.v1';
const CONFIGURED: readonly string[] = [ACTIVITY, 'attune.profiles.v1', 'attune.deliveries.v1'];
const RECORD_KEY = 'configuration';

/** Appends the configuration to each partition of the topics whose folds depend on it. A repeat of the active one changes nothing. @throws AttuneError LOG_UNAVAILABLE */
export async function activateConfiguration({ log, tenant, configuration, document, partitions, nowMs, topics = CONFIGURED }: Activation): Promise<void> {
  const activated = ConfigurationActivated.fromPartial({ version: configuration.version, receivedAtMs: BigInt(nowMs), document });
  const asActivity = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value: activated } });
  const everywhere = (value: Uint8Array, type: string): NewRecord[] =>
    Array.from({ length: partitions }, (_, partition) => ({
      key: RECORD_KEY,
      value,
      partition,
      headers: { 'content-type': 'application/x-protobuf', type: `attune.log.v1.${type}` },
    }));
  for (const topic of topics) {
    const record =
      topic === ACTIVITY
        ? everywhere(Activity.encode(asActivity).finish(), 'Activity')
        : everywhere(ConfigurationActivated.encode(activated).finish(), 'ConfigurationActivated');
    await log.append(tenant, topic, record);
  }
}
