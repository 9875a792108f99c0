import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answerOf, logFault } from './fault-answer.ts';
import type { RpcStream } from './rpc-stream.ts';

const STREAMS_MAX = 200;
const HEARTBEAT_MS = 15_000;

/**
 * Serves streams as `POST /<package>.<Service>/<Method>` with JSON, answered by server-sent events without a name: one message each. A fault before the first is answered as everywhere; one behind it is the event `fault`.
 * 200 at most are open. They end with the app.
 */
export function jsonStreams(app: FastifyInstance, streams: readonly RpcStream[], tenantOf: (request: FastifyRequest) => string): void {
  const open = new Set<AbortController>();
  for (const stream of streams)
    app.post(stream.path, async (request, reply) => {
      if (open.size >= STREAMS_MAX) throw new AttuneError('OVERLOADED');
      const heard = new AbortController();
      const answers = stream.jsonAnswers(tenantOf(request), request.body, heard.signal)[Symbol.asyncIterator]();
      open.add(heard);
      const first = await answers.next().catch((fault: unknown) => {
        open.delete(heard);
        throw fault;
      });
      reply.hijack();
      reply.raw.on('close', () => heard.abort());
      void feed(reply.raw, { first, answers, signal: heard.signal })
        .catch((fault: unknown) => {
          logFault(request.log, fault);
          reply.raw.write(`event: fault\ndata: ${JSON.stringify(answerOf(fault))}\n\n`);
        })
        .finally(() => {
          open.delete(heard);
          heard.abort();
          reply.raw.end();
        });
      return reply;
    });
  app.addHook('preClose', async () => {
    for (const heard of open) heard.abort();
  });
}

interface Feed {
  readonly first: IteratorResult<unknown>;
  readonly answers: AsyncIterator<unknown>;
  readonly signal: AbortSignal;
}

async function feed(raw: ServerResponse, { first, answers, signal }: Feed): Promise<void> {
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const beating = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS).unref();
  try {
    for (let next = first; next.done !== true && !signal.aborted; next = await answers.next()) {
      if (raw.write(`data: ${JSON.stringify(next.value)}\n\n`)) continue;
      await once(raw, 'drain', { signal }).catch(() => undefined);
    }
  } finally {
    clearInterval(beating);
    await answers.return?.();
  }
}
