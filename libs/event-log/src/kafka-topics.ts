import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import type { TopicSpec } from './port.ts';

const lookAgainMs = 100;
const replicasMax = 3;
const hourMs = 3_600_000;

/**
 * Makes the topics that are absent and waits until the leader of every partition answers.
 * Replicas min(3, brokers), of which one fewer (at least 1) must be in sync; LogAppendTime, because with the time of the producer
 * records of a late or shifted past fall to retention within seconds.
 */
export async function ensureKafkaTopics(admin: Admin, specs: readonly TopicSpec[], over: () => boolean): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const absent = specs.filter(({ topic }) => !existing.has(topic));
  if (absent.length > 0) {
    const { brokers } = await admin.describeCluster();
    await admin.createTopics({ topics: absent.map((spec) => toConfig(spec, brokers.length)), waitForLeaders: false });
  }
  while (!(await haveLeaders(admin, specs)) && !over()) await sleep(lookAgainMs);
}

function toConfig({ topic, partitions, retentionMs, compacted }: TopicSpec, brokers: number): ITopicConfig {
  const replicas = Math.min(replicasMax, brokers);
  return {
    topic,
    numPartitions: partitions,
    replicationFactor: replicas,
    configEntries: [
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
      { name: 'retention.ms', value: String(retentionMs ?? -1) },
      ...(compacted ? compaction(retentionMs) : []),
    ],
  };
}

/** The segment that is appended to is never compacted, so it is closed after some hours; a tenth of what could go is enough to begin. */
const compaction = (retentionMs: number | undefined): ITopicConfig['configEntries'] & object => [
  { name: 'cleanup.policy', value: retentionMs === undefined ? 'compact' : 'compact,delete' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
  { name: 'segment.ms', value: String(6 * hourMs) },
  { name: 'min.compaction.lag.ms', value: String(hourMs) },
  { name: 'max.compaction.lag.ms', value: String(24 * hourMs) },
  { name: 'delete.retention.ms', value: String(24 * hourMs) },
];

/** Asks every leader for its end, because metadata name a leader before it serves. */
async function haveLeaders(admin: Admin, specs: readonly TopicSpec[]): Promise<boolean> {
  try {
    const ends = await Promise.all(specs.map(({ topic }) => admin.fetchTopicOffsets(topic)));
    return ends.every((partitions) => partitions.length > 0);
  } catch {
    return false; // a broker that has not heard of the topic yet answers with an error
  }
}
