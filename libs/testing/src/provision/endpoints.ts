import { inject } from 'vitest';

/** Where the servers of this test run listen. */
export interface Endpoints {
  /** Kafka bootstrap addresses, `host:port` joined by commas. */
  readonly brokers: string;
  /** `redis://[:password@]host:port`. */
  readonly redisUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext extends Endpoints {}
}

/** The servers that the run was given or started. Only in tests of the integration project: elsewhere both are undefined. */
export const endpoints = (): Endpoints => ({ brokers: inject('brokers'), redisUrl: inject('redisUrl') });

/** A prefix for topics, groups and keys that no other test uses: servers are shared by the whole run, and outlive it when they were given. */
export const freshPrefix = (): string => `t${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
