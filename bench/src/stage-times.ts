import { Activity, Delivery, DeliveryState, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { quantile } from './table.ts';

const READ_MAX = 1_000_000;
const STAGES = ['activity', 'profiles', 'decisions', 'deliveries', 'claim', 'outcome'] as const;

/** Which profiles to look at, and where. */
export interface StagesWanted {
  readonly brokers: string;
  readonly namespace: string;
  readonly partitions: number;
  /** Name of the event that begins the way; each profile has one such event. */
  readonly event: string;
}

/** How long after the record before it each record on the way to a mail was appended: median and 99th of 100, in whole ms, by the log's own clock. The first is counted from `attune.accepted.v1`. */
export async function stageTimes({
  brokers,
  namespace,
  partitions,
  event,
}: StagesWanted): Promise<readonly (readonly [stage: string, p50Ms: number, p99Ms: number])[]> {
  const kafka = new KafkaEventLog({ brokers: brokers.split(',') });
  const log = namespacedLog(kafka, namespace);
  const topics = await Promise.all(
    ['accepted', 'activity', 'profiles', 'decisions', 'deliveries'].map((name) => readAll(log, `attune.${name}.v1`, partitions)),
  );
  await kafka.close();
  const [accepted = [], activity = [], profiles = [], decisions = [], deliveries = []] = topics;
  const acceptedAt = new Map(accepted.map(({ partition, offset, appendedAtMs }) => [`${partition}/${offset}`, appendedAtMs]));
  const ways = activity.flatMap((record) => {
    const { record: of, acceptedPartition, acceptedOffset } = Activity.decode(record.value);
    if (of?.$case !== 'event' || of.value.name !== event) return [];
    const times = [record, ...stagesAfter(record, { profiles, decisions, deliveries })].map((found) => found?.appendedAtMs);
    return [[acceptedAt.get(`${acceptedPartition}/${acceptedOffset}`), ...times]];
  });
  return STAGES.map((stage, i) => {
    const steps = ways.flatMap((way) => {
      const [from, to] = [way[i], way[i + 1]];
      return from === undefined || to === undefined ? [] : [to - from];
    });
    return [stage, quantile(steps, 0.5), quantile(steps, 0.99)] as const;
  });
}

interface Topics {
  readonly profiles: readonly LogRecord[];
  readonly decisions: readonly LogRecord[];
  readonly deliveries: readonly LogRecord[];
}

/** The first record of each later stage of the profile. */
function stagesAfter({ key }: LogRecord, { profiles, decisions, deliveries }: Topics): readonly (LogRecord | undefined)[] {
  const of = (records: readonly LogRecord[], is: (record: LogRecord) => boolean): LogRecord | undefined =>
    records.find((record) => record.key === key && is(record));
  return [
    of(profiles, ({ value }) => ProfileChange.decode(value).kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED),
    of(decisions, () => true),
    of(deliveries, ({ headers }) => headers['type'] === 'attune.log.v1.Decision'),
    of(deliveries, isDelivery(DeliveryState.DELIVERY_STATE_INTENT)),
    of(deliveries, isDelivery(DeliveryState.DELIVERY_STATE_SENT)),
  ];
}

const isDelivery =
  (state: DeliveryState) =>
  ({ headers, value }: LogRecord): boolean =>
    headers['type'] === 'attune.log.v1.Delivery' && Delivery.decode(value).state === state;

async function readAll(log: EventLog, topic: string, partitions: number): Promise<readonly LogRecord[]> {
  const all = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.read(topic, partition, 0, READ_MAX)));
  return all.flat();
}
