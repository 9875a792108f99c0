import { AttuneError } from '@attune/kernel/errors';
import type { DescMessage } from '@bufbuild/protobuf';
import { requestShapeOf } from './contracts.ts';
import { type JsonMessage, readRequest } from './json-request.ts';
import { wireFault } from './wire-fault.ts';

/** A unary method as the contracts describe it. */
export interface UnaryMethod {
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  readonly requestSerialize: (request: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (response: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A service of the contracts: its methods by name. */
export type UnaryService = Readonly<Record<string, UnaryMethod>>;
/** What a method is asked with. */
export type RequestOf<Method extends UnaryMethod> = Plain<ReturnType<Method['requestDeserialize']>>;
/** What a method answers. */
export type ResponseOf<Method extends UnaryMethod> = Plain<ReturnType<Method['responseDeserialize']>>;

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
  /** See Rpc. */
  readonly tenantOf?: CredentialCheck;
}

/** Whose call it is, by what stands in `authorization`. @throws AttuneError that the caller shall be answered */
export type CredentialCheck = (authorization: string | undefined) => string;

/** One row for each method of a service. */
export type RpcRows<Service extends UnaryService> = {
  readonly [Method in keyof Service]: RpcRow<RequestOf<Service[Method]>, ResponseOf<Service[Method]>>;
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
export const rpcTable = <Service extends UnaryService>(service: Service, rows: RpcRows<Service>): readonly Rpc[] =>
  Object.entries(service).map(([name, method]) => rpcOf(method, rows[name as keyof Service]));

/** `<package>.<Service>` of a call. */
export const serviceOf = ({ path }: Rpc): string => path.split('/')[1] ?? '';

function rpcOf<Request, Response>(method: UnaryMethod, { request, response, flow, tenantOf }: RpcRow<Request, Response>): Rpc {
  const shape = requestShapeOf(method.path);
  return {
    path: method.path,
    ...(tenantOf && { tenantOf }),
    answerJson: async (tenant, body) => response.toJSON(await flow(tenant, readRequest(body, request, shape))),
    // The row's types are the method's own: RpcRows says so.
    answerBytes: async (tenant, bytes) => method.responseSerialize((await flow(tenant, decoded(method, bytes, shape) as Request)) as never),
  };
}

function decoded({ requestDeserialize }: UnaryMethod, bytes: Buffer, shape: DescMessage): unknown {
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
