import type { ServerResponse } from 'node:http';
import { answerError } from '@attune/grpc/http-errors';
import { AttuneError } from '@attune/kernel/errors';
import type { Stopwatch } from '@attune/runtime/world';
import type { FastifyInstance } from 'fastify';
import type { WatchInbox } from '../flows/watch-inbox.ts';

/** What is behind the stream. */
export interface InboxLivePorts {
  readonly watch: WatchInbox;
  readonly stopwatch: Stopwatch;
}

const LOOK_MS = 500;
const LOOKS_PER_HEARTBEAT = 30;
const STREAMS_MAX = 200;

/**
 * `GET /inbox/live?token=`: how an inbox stands, at once and at each change, as server-sent events named `inbox` with `{unread, total, newest}`; nothing that was written.
 * A stream ends with its token. The answer ends all streams.
 */
export function inboxLiveRoute(app: FastifyInstance, ports: InboxLivePorts): () => void {
  const open = new Set<ServerResponse>();
  const endAll = (): void => {
    for (const raw of open) raw.end();
    open.clear();
  };
  app.get<{ Querystring: { readonly token?: string } }>('/inbox/live', async ({ query }, reply) => {
    if (open.size >= STREAMS_MAX) return answerError(reply, new AttuneError('OVERLOADED'));
    const look = ports.watch(String(query.token ?? ''));
    const first = await look();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    open.add(raw);
    raw.on('close', () => open.delete(raw));
    raw.on('error', () => open.delete(raw));
    void feed(raw, { look, first, stopwatch: ports.stopwatch, isOpen: () => open.has(raw) }).catch(() => raw.end());
    return reply;
  });
  app.addHook('preClose', async () => endAll());
  return endAll;
}

interface FeedOf {
  readonly look: ReturnType<WatchInbox>;
  readonly first: Awaited<ReturnType<ReturnType<WatchInbox>>>;
  readonly stopwatch: Stopwatch;
  readonly isOpen: () => boolean;
}

async function feed(raw: ServerResponse, { look, first, stopwatch, isOpen }: FeedOf): Promise<void> {
  let said = JSON.stringify(first);
  raw.write(`event: inbox\ndata: ${said}\n\n`);
  for (let looks = 1; isOpen(); looks++) {
    await stopwatch.sleep(LOOK_MS);
    // A reader that does not keep up gets the newest standing later, not a queue in our memory.
    if (!isOpen() || raw.writableNeedDrain) continue;
    const now = JSON.stringify(await look());
    if (now !== said) raw.write(`event: inbox\ndata: ${now}\n\n`);
    else if (looks % LOOKS_PER_HEARTBEAT === 0) raw.write(': still here\n\n');
    said = now;
  }
}
