import { AttuneError } from '@attune/kernel/errors';
import { silent, type Telemetry } from '@attune/runtime/telemetry/port';
import { logVerbosity, type Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, setLogVerbosity } from '@grpc/grpc-js';
import { statusOfFault } from './error-status.ts';
import { type FaultLog, logFault } from './fault-answer.ts';
import { healthOn } from './health.ts';
import { reflectionOn } from './reflection.ts';
import { type Rpc, serviceOf } from './rpc.ts';
import type { RpcStream } from './rpc-stream.ts';
import { served } from './rpc-telemetry.ts';
import { streamsOn } from './serve-streams.ts';

const RECEIVE_BYTES_MAX = 1024 * 1024;
const CALLS_MAX = 1_000;
const KEEPALIVE_EVERY_MS = 60_000;
const KEEPALIVE_ANSWER_MS = 10_000;

/** What a server serves. */
export interface GrpcOptions {
  /** The calls of one or several services. */
  readonly rpcs: readonly Rpc[];
  /** Calls that are answered by a stream. */
  readonly streams?: readonly RpcStream[];
  /** Whose call it is, where the call has no check of its own; may throw what the caller shall be answered. */
  readonly tenantOf: (metadata: Metadata) => string;
  readonly log: FaultLog;
  /** Whether health says SERVING; always where it is not given. */
  readonly ready?: () => boolean;
  /** Whether tools may ask what there is; not where it is not given. */
  readonly reflection?: boolean;
  /** How many calls may be under way, 1,000 where it is not given; one more is OVERLOADED. A call whose deadline has passed counts until its flow has ended. */
  readonly callsMax?: number;
  /** Where calls are measured and traced; nowhere where it is not given. */
  readonly telemetry?: Telemetry;
}

/** A server that listens once it is told to. */
export interface GrpcServer {
  /** Opens the port (0 = any free one) and answers it. @throws Error with `code` EADDRINUSE, EACCES or another of the system */
  listen(host: string, port: number): Promise<number>;
  /** Says NOT_SERVING, takes no more calls and lets those under way finish, for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/** Serves calls over gRPC, without TLS: messages of at most 1 MiB, faults by the table (see statusOfFault), a call beyond its deadline answered DEADLINE_EXCEEDED, health, and reflection where wanted. */
export function grpcServer(options: GrpcOptions): GrpcServer {
  // The library would write on standard error in its own words.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': RECEIVE_BYTES_MAX,
    'grpc.max_concurrent_streams': CALLS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
  });
  const handlerOf = handlers(options);
  for (const rpc of options.rpcs) server.register(rpc.path, handlerOf(rpc), asItIs, asItIs, 'unary');
  const { streams = [], tenantOf, log } = options;
  const endStreams = streamsOn(server, { streams, tenantOf: ({ metadata }) => tenantOf(metadata), onFault: (fault) => logFault(log, fault) });
  const services = [...new Set([...options.rpcs, ...streams].map(serviceOf))];
  const health = healthOn(server, { services, ready: options.ready ?? (() => true) });
  if (options.reflection === true) reflectionOn(server, services);
  return {
    listen: (host, port) => listen(server, host, port),
    stop: (graceMs) => {
      health.end();
      endStreams();
      return shutdown(server, graceMs);
    },
  };
}

/** Calls read and write their bytes themselves, so that one that cannot be read has our answer and not the library's. */
const asItIs = (bytes: Buffer): Buffer => bytes;

const credentialIn = (metadata: Metadata): string | undefined => metadata.get('authorization').at(-1)?.toString();

type Handler = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void;

function handlers({ tenantOf, log, callsMax = CALLS_MAX, telemetry = silent }: GrpcOptions): (rpc: Rpc) => Handler {
  let underWay = 0;
  const answered = async (rpc: Rpc, { metadata, request }: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> => {
    if (underWay >= callsMax) throw new AttuneError('OVERLOADED');
    underWay++;
    try {
      return await rpc.answerBytes(rpc.tenantOf ? rpc.tenantOf(credentialIn(metadata)) : tenantOf(metadata), request);
    } finally {
      underWay--;
    }
  };
  return (rpc) => (call, answer) =>
    void served(telemetry, rpc, { door: 'grpc', parent: parentOf(call.metadata) }, () => answered(rpc, call)).then(
      (bytes) => answer(null, bytes),
      (fault: unknown) => {
        logFault(log, fault);
        answer(statusOfFault(fault));
      },
    );
}

const parentOf = (metadata: Metadata): string | undefined => metadata.get('traceparent')[0]?.toString();

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (fault, bound) => {
      // The library keeps the system's code in its words alone.
      if (fault !== null) reject(Object.assign(fault, { code: /\bE[A-Z]{3,}\b/.exec(fault.message)?.[0] }));
      else resolve(bound);
    });
  });

const shutdown = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
