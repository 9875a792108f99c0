import type { DescMessage } from '@bufbuild/protobuf';
import { requestShapeOf } from './contracts.ts';
import { type JsonMessage, readRequest } from './json-request.ts';
import { decoded, type RequestOf, type ResponseOf, type Rpc, type RpcMethod, type RpcService, type StreamNames } from './rpc.ts';

/** One row: the messages of a method and the flow behind it. */
export interface StreamRow<Request, Response> {
  readonly request: JsonMessage<Request>;
  readonly response: Pick<JsonMessage<Response>, 'toJSON'>;
  /** Yields answers until it has no more, or the signal says that nobody hears them. The next one is asked for once the one before has left. */
  readonly flow: (tenant: string, request: Request, signal: AbortSignal) => AsyncIterable<Response>;
}

/** One row for each method of a service that answers by a stream. */
export type StreamRows<Service extends RpcService> = {
  readonly [Method in StreamNames<Service>]: StreamRow<RequestOf<Service[Method]>, ResponseOf<Service[Method]>>;
};

/** A call that both doors answer by a stream. */
export interface RpcStream extends Pick<Rpc, 'path'> {
  /** @throws AttuneError REQUEST_INVALID, and what the flow throws */
  jsonAnswers(tenant: string, body: unknown, signal: AbortSignal): AsyncIterable<unknown>;
  /** @throws AttuneError REQUEST_INVALID, and what the flow throws */
  bytesAnswers(tenant: string, bytes: Buffer, signal: AbortSignal): AsyncIterable<Buffer>;
}

/** The streams of a service, from one table for both doors; a method without a row does not compile. */
export const streamTable = <Service extends RpcService>(service: Service, rows: StreamRows<Service>): readonly RpcStream[] =>
  Object.entries(service).flatMap(([name, method]) => (method.responseStream ? streamOf(method, rows[name as StreamNames<Service>]) : []));

function streamOf<Request, Response>(method: RpcMethod, row: StreamRow<Request, Response>): RpcStream {
  const shape = requestShapeOf(method.path);
  return {
    path: method.path,
    jsonAnswers: (tenant, body, signal) => jsonAnswers(row, row.flow(tenant, readRequest(body, row.request, shape), signal)),
    bytesAnswers: (tenant, bytes, signal) => bytesAnswers(method, row.flow(tenant, requestIn<Request>(method, bytes, shape), signal)),
  };
}

/** The row's types are the method's own: StreamRows says so. */
const requestIn = <Request>(method: RpcMethod, bytes: Buffer, shape: DescMessage): Request => decoded(method, bytes, shape) as Request;

async function* jsonAnswers<Response>({ response }: Pick<StreamRow<never, Response>, 'response'>, answers: AsyncIterable<Response>): AsyncIterable<unknown> {
  for await (const answer of answers) yield response.toJSON(answer);
}

async function* bytesAnswers({ responseSerialize }: RpcMethod, answers: AsyncIterable<unknown>): AsyncIterable<Buffer> {
  for await (const answer of answers) yield responseSerialize(answer as never);
}
