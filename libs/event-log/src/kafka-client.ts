import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { restIdleQueues } from './idle-queues.ts';
import { writeAppendsAtOnce } from './produce-requests.ts';

export interface KafkaEventLogOptions {
  /** Bootstrap servers, `host:port`. */
  readonly brokers: readonly string[];
  /** The name of this process in the broker's logs and quotas. Default `attune`. */
  readonly clientId?: string;
  readonly ssl?: NonNullable<KafkaConfig['ssl']>;
  readonly sasl?: NonNullable<KafkaConfig['sasl']>;
  /** How long a call may take before LOG_UNAVAILABLE, in ms. Default 2,500. */
  readonly deadlineMs?: number;
  /** How long making topics may take, in ms. Default 60,000: a broker needs seconds for hundreds of partitions. */
  readonly topicsDeadlineMs?: number;
  /** How long a member may be silent before its partitions go to others, in ms. Default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Pause between two heartbeats, in ms; a rebalance is noticed this late. Default 1,000, or a third of the session where that is less. */
  readonly heartbeatMs?: number;
  /** Partitions handled side by side by one member. Default 64. */
  readonly partitionsConcurrently?: number;
  /** Gets kafkajs' own words at level error; without it the client is silent and faults appear as thrown errors only. */
  readonly onClientError?: (message: string) => void;
}

export interface KafkaSettings extends Omit<Required<KafkaEventLogOptions>, 'ssl' | 'sasl' | 'onClientError'> {
  /** A client of its own: kafkajs shares a cache of committed offsets between all consumers of one client. */
  newClient(): Kafka;
}

/** The options with their defaults, and a way to make clients from them. */
export function kafkaSettings(options: KafkaEventLogOptions): KafkaSettings {
  const { ssl, sasl, onClientError, ...given } = options;
  const settings = {
    clientId: 'attune',
    deadlineMs: 2_500,
    topicsDeadlineMs: 60_000,
    sessionTimeoutMs: 6_000,
    heartbeatMs: Math.min(1_000, (options.sessionTimeoutMs ?? 6_000) / 3),
    partitionsConcurrently: 64,
    ...given,
  };
  const config: KafkaConfig = {
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    requestTimeout: settings.deadlineMs,
    connectionTimeout: settings.deadlineMs,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: onClientError === undefined ? logLevel.NOTHING : logLevel.ERROR,
    logCreator: () => (entry) => onClientError?.(`${entry.namespace}: ${entry.log.message}`),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  };
  restIdleQueues();
  writeAppendsAtOnce();
  return { ...settings, newClient: () => new Kafka(config) };
}
