import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RequestQueue, restIdleQueues } from './idle-queues.ts';

const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => RequestQueue & {
  push(request: object): void;
  maybeThrottle(clientSideThrottleTime: number): void;
  checkPendingRequests(): void;
};
const quiet = { debug: () => undefined, warn: () => undefined, error: () => undefined };
const newQueue = () =>
  new Queue({
    instrumentationEmitter: { emit: () => undefined },
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'c',
    broker: 'b',
    logger: quiet,
  });

beforeEach(() => {
  vi.useFakeTimers();
  restIdleQueues();
});
afterEach(() => vi.useRealTimers());

test('a connection on which nothing waits sets no timer', () => {
  newQueue().checkPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test('what has to wait because the broker throttles is sent once it may, and then the connection rests', () => {
  const queue = newQueue();
  const sent: number[] = [];
  queue.maybeThrottle(500);
  const entry = { correlationId: 7, resolve: () => undefined };
  queue.push({ entry, expectResponse: false, requestTimeout: 1_000, sendRequest: () => sent.push(entry.correlationId) });
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(600);
  expect(sent).toEqual([7]);
  expect(vi.getTimerCount()).toBe(0);
});
