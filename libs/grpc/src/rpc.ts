import { AttuneError } from '@attune/kernel/errors';
import type { DescMessage } from '@bufbuild/protobuf';
import { requestShapeOf } from './contracts.ts';
import { type JsonMessage, readRequest } from './json-request.ts';
import { wireFault } from './wire-fault.ts';

/** A method as the contracts describe it: one request, and one answer or a stream of them. */
export interface RpcMethod {
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: boolean;
  readonly requestSerialize: (request: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (response: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A method that answers once. */
export interface UnaryMethod extends RpcMethod {
  readonly responseStream: false;
}

/** A service of the contracts: its methods by name. */
export type RpcService = Readonly<Record<string, RpcMethod>>;
/** The names of the methods that answer once. */
export type UnaryNames<Service extends RpcService> = { [Name in keyof Service]: Service[Name]['responseStream'] extends false ? Name : never }[keyof Service];
/** The names of the methods that answer by a stream. */
export type StreamNames<Service extends RpcService> = Exclude<keyof Service, UnaryNames<Service>>;
/** What a method is asked with. */
export type RequestOf<Method extends RpcMethod> = Plain<ReturnType<Method['requestDeserialize']>>;
/** What a method answers. */
export type ResponseOf<Method extends RpcMethod> = Plain<ReturnType<Method['responseDeserialize']>>;

/** The message as the core knows it: what is generated for gRPC reads bytes as Buffers, and writes any bytes. */
type Plain<Message> = Message extends Uint8Array
  ? Uint8Array
  : Message extends Date
    ? Date
    : Message extends object
      ? { [Field in keyof Message]: Plain<Message[Field]> }
      : Message;

/** One row: the messages of a method and the flow behind it. */
export interface RpcRow<Request, Response> {
  readonly request: JsonMessage<Request>;
  readonly response: Pick<JsonMessage<Response>, 'toJSON'>;
  readonly flow: (tenant: string, request: Request) => Promise<Response>;
  /** Writes an answer in bytes, those of the generated encoder; absent = that one does. */
  readonly encode?: (response: Response) => Uint8Array;
  /** See Rpc. */
  readonly tenantOf?: CredentialCheck;
}

/** Whose call it is, by what stands in `authorization`. @throws AttuneError that the caller shall be answered */
export type CredentialCheck = (authorization: string | undefined) => string;

/** One row for each method of a service that answers once. */
export type RpcRows<Service extends RpcService> = {
  readonly [Method in UnaryNames<Service>]: RpcRow<RequestOf<Service[Method]>, ResponseOf<Service[Method]>>;
};

/** A call that both doors serve. */
export interface Rpc {
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  /** Of a call that asks for a credential on every door; absent = the door says whose call it is. */
  readonly tenantOf?: CredentialCheck;
  /** Answers a body in protobuf's mapping to JSON. @throws AttuneError REQUEST_INVALID, and what the flow throws */
  answerJson(tenant: string, body: unknown): Promise<unknown>;
  /** Answers an encoded request by an encoded response. @throws AttuneError REQUEST_INVALID, and what the flow throws */
  answerBytes(tenant: string, bytes: Buffer): Promise<Buffer>;
}

/** The calls of a service, from one table for both doors; a method without a row does not compile. */
export const rpcTable = <Service extends RpcService>(service: Service, rows: RpcRows<Service>): readonly Rpc[] =>
  Object.entries(service).flatMap(([name, method]) => (isUnary(method) ? rpcOf(method, rows[name as UnaryNames<Service>]) : []));

/** True for a method that answers once. */
export const isUnary = (method: RpcMethod): method is UnaryMethod => !method.responseStream;

/** `<package>.<Service>` of a call. */
export const serviceOf = ({ path }: Pick<Rpc, 'path'>): string => path.split('/')[1] ?? '';

function rpcOf<Request, Response>(method: UnaryMethod, { request, response, flow, encode, tenantOf }: RpcRow<Request, Response>): Rpc {
  const shape = requestShapeOf(method.path);
  // The row's types are the method's own: RpcRows says so.
  const bytesOf = encode ? (answer: Response): Buffer => bufferOf(encode(answer)) : (answer: Response): Buffer => method.responseSerialize(answer as never);
  return {
    path: method.path,
    ...(tenantOf && { tenantOf }),
    answerJson: async (tenant, body) => response.toJSON(await flow(tenant, readRequest(body, request, shape))),
    answerBytes: async (tenant, bytes) => bytesOf(await flow(tenant, decoded(method, bytes, shape) as Request)),
  };
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

/** The request in these bytes. @throws AttuneError REQUEST_INVALID */
export function decoded({ requestDeserialize }: Pick<RpcMethod, 'requestDeserialize'>, bytes: Buffer, shape: DescMessage): unknown {
  try {
    return requestDeserialize(bytes);
  } catch (fault) {
    const field = wireFault(bytes, shape);
    throw new AttuneError(
      'REQUEST_INVALID',
      field === undefined ? 'The message is not the request of this call.' : `Field: ${field}. Its bytes are not what the contract says.`,
      fault,
    );
  }
}
