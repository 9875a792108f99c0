import { Decision, Delivery, DeliveryState } from '@attune/contracts/messages/log/v1/log';
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { namespacedLog } from '@attune/event-log/namespaced';
import type { EventLog, LogRecord } from '@attune/event-log/port';

/** What the log holds of decisions and of what became of their messages. */
export interface LogFacts {
  /** The ids of decisions, by profile and campaign. */
  readonly decisions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Records of a decision that was there before. */
  readonly repeats: number;
  /** What was noted of each delivery, in the order of the log, by its id. */
  readonly deliveries: ReadonlyMap<string, readonly Delivery[]>;
}

const READ_MAX = 10_000;

/** The log of one installation, for tests that look at it from outside. */
export function logOf({ brokers, namespace }: { readonly brokers: string; readonly namespace: string }): EventLog {
  return namespacedLog(new KafkaEventLog({ brokers: brokers.split(',') }), namespace);
}

/** How many records a topic has had. @throws AttuneError LOG_UNAVAILABLE */
export async function recordsIn(log: EventLog, topic: string): Promise<number> {
  const { partitions } = await log.identity(topic);
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.bounds(topic, partition)));
  return bounds.reduce((sum, { endOffset }) => sum + endOffset, 0);
}

/** Reads decisions and deliveries from their beginning. @throws AttuneError LOG_UNAVAILABLE */
export async function readLogFacts(log: EventLog): Promise<LogFacts> {
  const decisions = new Map<string, Set<string>>();
  const deliveries = new Map<string, Delivery[]>();
  let repeats = 0;
  for await (const { headers, value } of recordsOf(log, 'attune.decisions.v1')) {
    if (headers['type'] !== 'attune.log.v1.Decision') continue;
    const { id, profileId, campaign } = Decision.decode(value);
    const ids = entryOf(decisions, `${profileId} ${campaign}`, () => new Set<string>());
    if (ids.has(id)) repeats++;
    ids.add(id);
  }
  for await (const { headers, value } of recordsOf(log, 'attune.deliveries.v1')) {
    if (headers['type'] !== 'attune.log.v1.Delivery') continue;
    const delivery = Delivery.decode(value);
    entryOf(deliveries, delivery.id, () => []).push(delivery);
  }
  return { decisions, repeats, deliveries };
}

/** The first outcome that counts: a later word of the same attempt only where nobody knew. Undefined while there is none. */
export function outcomeOf(notes: readonly Delivery[]): DeliveryState | undefined {
  const outcomes = notes.map(({ state }) => state).filter((state) => OUTCOMES.has(state));
  return outcomes.find((state) => state !== DeliveryState.DELIVERY_STATE_UNKNOWN) ?? outcomes[0];
}

const OUTCOMES: ReadonlySet<DeliveryState> = new Set([
  DeliveryState.DELIVERY_STATE_SENT,
  DeliveryState.DELIVERY_STATE_FAILED,
  DeliveryState.DELIVERY_STATE_DROPPED,
  DeliveryState.DELIVERY_STATE_UNKNOWN,
]);

async function* recordsOf(log: EventLog, topic: string): AsyncGenerator<LogRecord> {
  const { partitions } = await log.identity(topic);
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(topic, partition);
    for (let at = startOffset; at < endOffset; ) {
      const records = await log.read(topic, partition, at, READ_MAX);
      yield* records;
      at = (records.at(-1)?.offset ?? endOffset) + 1;
    }
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
