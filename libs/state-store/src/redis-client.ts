import { AttuneError } from '@attune/kernel/errors';
import { Redis } from 'ioredis';

/** How to reach a standalone Redis. */
export interface RedisStateStoreOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** How long a call may take before it counts as lost, in ms. Default 2,000. */
  readonly deadlineMs?: number;
}

/** How long a call may take where the options do not say, in ms. */
export const DEADLINE_MS = 2_000;

// The library's own timer should fire first: ours is for promises that it forgets.
const GRACE_MS = 250;

/** A client that sends each command once at most, gives up after the deadline and reconnects every 100 ms for ever. */
export function newRedisClient({ url, deadlineMs = DEADLINE_MS }: RedisStateStoreOptions): Redis {
  const client = new Redis(url, {
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: deadlineMs,
    connectTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    keepAlive: 5_000,
    retryStrategy: () => 100,
    reconnectOnError: (fault) => fault.message.startsWith('READONLY'), // a former master after a failover
  });
  client.on('error', () => {}); // each caller gets its own rejection; without a listener the library prints to the console
  return client;
}

/** The promise's value, or a rejection after `deadlineMs`. Needed because ioredis 6.0 can lose a promise when the connection drops. */
export function within<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs + GRACE_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What any rejection of the client means to callers of the port. */
export function storeFault(fault: unknown): AttuneError {
  const message = fault instanceof Error ? fault.message : String(fault);
  return new AttuneError(/^(ERR )?OOM\b/.test(message) ? 'STORE_FULL' : 'STORE_UNAVAILABLE', '', fault);
}

/** True when the server has lost the functions, or never had them; nothing was run. */
export const functionIsMissing = (fault: unknown): boolean => fault instanceof Error && /Function not found/i.test(fault.message);
