import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the environment says about the servers that tests use. */
export interface ProvisionSettings {
  /** ATTUNE_TEST_PROVISION: forces one way. */
  readonly forced: string | undefined;
  /** ATTUNE_KAFKA_BROKERS */
  readonly brokers: string | undefined;
  /** ATTUNE_REDIS_URL */
  readonly redisUrl: string | undefined;
  /** ATTUNE_TEST_KAFKA_IMAGE: takes the settings of `apache/kafka`. */
  readonly kafkaImage: string;
  /** ATTUNE_TEST_REDIS_IMAGE */
  readonly redisImage: string;
}

/** Empty variables count as absent, as CI systems set them. */
export const readSettings = (env: NodeJS.ProcessEnv = process.env): ProvisionSettings => ({
  forced: env.ATTUNE_TEST_PROVISION || undefined,
  brokers: env.ATTUNE_KAFKA_BROKERS || undefined,
  redisUrl: env.ATTUNE_REDIS_URL || undefined,
  kafkaImage: env.ATTUNE_TEST_KAFKA_IMAGE || 'apache/kafka:4.3.1',
  redisImage: env.ATTUNE_TEST_REDIS_IMAGE || 'redis:7-alpine',
});

/** The folders in which a command is looked for. */
export const commandPath = (env: NodeJS.ProcessEnv = process.env): string => env.PATH ?? '';

/** Where fetched jars stay between runs. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'attune');
