import type { Configuration } from '@attune/configuration/configuration';
import { Activity, ConfigurationActivated } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord, TenantId, TopicSpec } from '@attune/event-log/port';

const TOPICS: readonly string[] = ['accepted', 'activity', 'profiles', 'decisions', 'deliveries', 'events.rejected'].map((name) => `attune.${name}.v1`);

/** Attune's own topics, all with the same number of partitions. */
export const topicsOf = (partitions: number): readonly TopicSpec[] => TOPICS.map((topic) => ({ topic, partitions }));

/** What is needed to tell every processor which configuration holds from here on. */
export interface Activation {
  readonly log: EventLog;
  readonly tenant: TenantId;
  readonly configuration: Configuration;
  /** The text that was compiled. */
  readonly document: string;
  readonly partitions: number;
  readonly nowMs: number;
}

const RECORD_KEY = 'configuration';

/** Appends the configuration to each partition of the topics whose folds depend on it. A repeat of the active one changes nothing. @throws AttuneError LOG_UNAVAILABLE */
export async function activateConfiguration({ log, tenant, configuration, document, partitions, nowMs }: Activation): Promise<void> {
  const activated = ConfigurationActivated.fromPartial({ version: configuration.version, receivedAtMs: BigInt(nowMs), document });
  const asActivity = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value: activated } });
  const everywhere = (value: Uint8Array, type: string): NewRecord[] =>
    Array.from({ length: partitions }, (_, partition) => ({
      key: RECORD_KEY,
      value,
      partition,
      headers: { 'content-type': 'application/x-protobuf', type: `attune.log.v1.${type}` },
    }));
  await log.append(tenant, 'attune.activity.v1', everywhere(Activity.encode(asActivity).finish(), 'Activity'));
  for (const topic of ['attune.profiles.v1', 'attune.deliveries.v1']) {
    await log.append(tenant, topic, everywhere(ConfigurationActivated.encode(activated).finish(), 'ConfigurationActivated'));
  }
}
