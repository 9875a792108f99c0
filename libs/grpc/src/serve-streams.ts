import { once } from 'node:events';
import { AttuneError } from '@attune/kernel/errors';
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { statusOfFault } from './error-status.ts';
import type { RpcStream } from './rpc-stream.ts';

const STREAMS_MAX = 1_000;

/** What streams of a server need. */
export interface ServedStreams {
  readonly streams: readonly RpcStream[];
  readonly tenantOf: (call: ServerWritableStream<Buffer, Buffer>) => string;
  /** Hears of each fault that a caller is answered. */
  readonly onFault: (fault: unknown) => void;
  /** How many may be open, 1,000 where it is not given; one more is OVERLOADED. */
  readonly streamsMax?: number;
}

/** Serves streams over gRPC. An answer is made once the one before has left for the caller, so that a slow caller fills no memory here. The answer ends all of them, each with OK. */
export function streamsOn(server: Server, { streams, tenantOf, onFault, streamsMax = STREAMS_MAX }: ServedStreams): () => void {
  const open = new Set<AbortController>();
  const serve = async (stream: RpcStream, call: ServerWritableStream<Buffer, Buffer>): Promise<void> => {
    if (open.size >= streamsMax) throw new AttuneError('OVERLOADED');
    const heard = new AbortController();
    const leave = (): void => heard.abort();
    open.add(heard);
    call.on('cancelled', leave);
    call.on('close', leave);
    try {
      await passOn(stream.bytesAnswers(tenantOf(call), call.request, heard.signal), call, heard.signal);
    } finally {
      open.delete(heard);
      leave();
    }
  };
  for (const stream of streams)
    server.register<Buffer, Buffer>(
      stream.path,
      (call: ServerWritableStream<Buffer, Buffer>) =>
        void serve(stream, call).then(
          () => call.end(),
          (fault: unknown) => {
            onFault(fault);
            call.emit('error', statusOfFault(fault));
          },
        ),
      (bytes) => bytes,
      (bytes) => bytes,
      'serverStream',
    );
  return () => {
    for (const heard of open) heard.abort();
  };
}

async function passOn(answers: AsyncIterable<Buffer>, call: ServerWritableStream<Buffer, Buffer>, signal: AbortSignal): Promise<void> {
  for await (const answer of answers) {
    if (signal.aborted) return;
    if (call.write(answer)) continue;
    await once(call, 'drain', { signal }).catch(() => undefined);
  }
}
