import { silent, type Traces } from '@attune/runtime/telemetry/port';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { faultOfStatus } from './error-status.ts';
import { isUnary, type RequestOf, type ResponseOf, type RpcService, type UnaryMethod, type UnaryNames } from './rpc.ts';

const KEEPALIVE_EVERY_MS = 30_000;
const KEEPALIVE_ANSWER_MS = 5_000;
const RECONNECT_FIRST_MS = 100;
/** A service that was away is called again this soon after it is back. */
const RECONNECT_MAX_MS = 500;

/** What goes with one call. */
export interface CallContext {
  /** Names in lower case, such as `traceparent` (W3C Trace Context), passed on as they are. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Each method of a service that answers once, as a function. @throws AttuneError of the code that the service answered; SERVICE_UNAVAILABLE where it does not answer, DEADLINE_EXCEEDED where not in time */
export type RpcCalls<Service extends RpcService> = {
  readonly [Method in UnaryNames<Service>]: (request: RequestOf<Service[Method]>, context?: CallContext) => Promise<ResponseOf<Service[Method]>>;
};

/** A connection to a service. */
export interface RpcClient<Service extends RpcService> {
  readonly calls: RpcCalls<Service>;
  /** Ends the connection; calls under way fail. */
  close(): void;
}

/** How a client calls. */
export interface ClientOptions {
  /** How long each call may take. */
  readonly deadlineMs: number;
  /** Where calls are traced; nowhere where it is not given. */
  readonly telemetry?: Traces;
}

/** Calls a service at `host:port`, without TLS and without a proxy; connects at the first call and again where the connection was lost. */
export function rpcClient<Service extends RpcService>(
  address: string,
  service: Service,
  { deadlineMs, telemetry = silent }: ClientOptions,
): RpcClient<Service> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_FIRST_MS,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
    'grpc.enable_http_proxy': 0,
  });
  const callOf = ({ path, requestSerialize, responseDeserialize }: UnaryMethod) => {
    const serialize = requestSerialize as (request: unknown) => Buffer;
    const called = (request: unknown, metadata: Readonly<Record<string, string>>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        // The library takes a moment of machine time.
        const options = { deadline: Date.now() + deadlineMs };
        const answered = (fault: ServiceError | null, response?: unknown): void => (fault === null ? resolve(response) : reject(faultOfStatus(fault)));
        withoutStack(() => client.makeUnaryRequest(path, serialize, responseDeserialize, request, metadataOf(metadata), options, answered));
      });
    return (request: unknown, { metadata = {} }: CallContext = {}): Promise<unknown> =>
      telemetry.within('rpc call', { attributes: { 'attune.method': path.slice(1) } }, () => {
        const traceparent = telemetry.current();
        return called(request, traceparent === undefined ? metadata : { traceparent, ...metadata });
      });
  };
  const calls = Object.fromEntries(Object.entries(service).flatMap(([name, method]) => (isUnary(method) ? [[name, callOf(method)]] : [])));
  return { calls: calls as RpcCalls<Service>, close: () => client.close() };
}

/** The library takes down the stack of each call for the words of its own faults, which nobody hears: a tenth of what a call costs. */
function withoutStack(call: () => unknown): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    call();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}
