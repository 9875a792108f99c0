import { createRequire } from 'node:module';

/** The part of kafkajs' queue of requests that is mended; each connection has one. */
export interface RequestQueue {
  readonly pending: { readonly length: number };
  scheduleCheckPendingRequests(): void;
}

const mended = new WeakSet<RequestQueue>();

/**
 * Lets connections without waiting requests rest. kafkajs 2.2.4 looks at its queue again after every answer, in a timeout that it computes in the past: so
 * each connection that was used once wakes a thousand times a second for ever, and Node warns of the timeout. Where nothing waits there is nothing to look
 * at: whatever has to wait later asks for a look itself. A second call does nothing.
 */
export function restIdleQueues(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
  if (mended.has(prototype)) return;
  mended.add(prototype);
  const look = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) look.call(this);
  };
}
