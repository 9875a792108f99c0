import type { ServerResponse } from 'node:http';
import type { Stopwatch } from '@attune/runtime/world';
import type { FastifyInstance } from 'fastify';
import { bucketsSince } from '../domain/buckets.ts';
import { entriesSince, type ReadModel } from '../domain/read-model.ts';
import type { ForgetErased } from '../flows/forget-erased.ts';
import type { ConsoleStatus } from '../ports.ts';

const TICK_MS = 250;
const TICKS_PER_STATUS = 4;

export interface LivePorts {
  readonly forgetErased: ForgetErased;
  readonly status: () => Promise<ConsoleStatus>;
  readonly stopwatch: Stopwatch;
}

/** The stream of the page: a snapshot, then what changed at most four times a second and at least once, and the status once a second, which is the heartbeat. The answer ends all streams. */
export function liveRoute(app: FastifyInstance, model: ReadModel, ports: LivePorts): () => void {
  const open = new Set<ServerResponse>();
  const endAll = (): void => {
    for (const raw of open) raw.end();
    open.clear();
  };
  app.get('/console/api/live', (_request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    open.add(raw);
    raw.on('close', () => open.delete(raw));
    raw.on('error', () => open.delete(raw));
    void feed(raw, { model, ports, isOpen: () => open.has(raw) }).catch(() => raw.end());
  });
  app.addHook('preClose', async () => endAll());
  return endAll;
}

interface FeedOf {
  readonly model: ReadModel;
  readonly ports: LivePorts;
  readonly isOpen: () => boolean;
}

async function feed(raw: ServerResponse, { model, ports: { status, stopwatch, forgetErased }, isOpen }: FeedOf): Promise<void> {
  send(raw, 'status', await status());
  await forgetErased([...new Set(entriesSince(model, 0).flatMap(({ profileId }) => (profileId === '' ? [] : [profileId])))]);
  send(raw, 'snapshot', changes(model, 0, stopwatch));
  for (let seq = model.seq, tick = 1; isOpen(); tick++) {
    await stopwatch.sleep(TICK_MS);
    if (!isOpen()) return;
    // A reader that does not keep up gets fewer, larger steps, not a queue in our memory.
    if (raw.writableNeedDrain) continue;
    if (model.seq > seq || tick % TICKS_PER_STATUS === 0) send(raw, 'delta', changes(model, seq, stopwatch));
    seq = model.seq;
    if (tick % TICKS_PER_STATUS === 0) send(raw, 'status', await status());
  }
}

const changes = (model: ReadModel, seq: number, stopwatch: Stopwatch) => ({
  nowSecond: Math.floor(stopwatch.elapsedMs() / 1_000),
  entries: entriesSince(model, seq),
  seconds: bucketsSince(model.seconds, seq).map(({ at, counts }) => ({ at, counts })),
  days: bucketsSince(model.days, seq).map(({ at, counts }) => ({ at, counts })),
  roles: Object.fromEntries(model.roles),
});

function send(raw: ServerResponse, event: string, data: unknown): void {
  raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
