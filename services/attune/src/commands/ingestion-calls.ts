import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import type * as messages from '@attune/contracts/messages/ingestion/v1/ingestion';
import { type RpcCalls, rpcClient } from '@attune/grpc/client';
import { AttuneError, codeOf } from '@attune/kernel/errors';

/** The calls about refused events, of a running Attune. @throws AttuneError of the service's code, with the address in its detail */
export interface RejectCalls {
  list(request: messages.ListRejectedRequest): Promise<messages.ListRejectedResponse>;
  get(request: messages.GetRejectedRequest): Promise<messages.GetRejectedResponse>;
  replay(request: messages.ReplayRejectedRequest): Promise<messages.ReplayRejectedResponse>;
}

/** Where to call, and as whom. */
export interface Caller {
  /** `host:port` of gRPC. */
  readonly address: string;
  readonly writeKey: string;
}

const CALL_DEADLINE_MS = 30_000;

/** Does something with a connection, which ends after it. @throws AttuneError SETTING_INVALID for what is no address, and what the work throws */
export async function withRejectCalls<Answer>({ address, writeKey }: Caller, work: (calls: RejectCalls) => Promise<Answer>): Promise<Answer> {
  if (!/^(\[[\da-f:.]+\]|[^\s/:@]+):\d{1,5}$/i.test(address))
    throw new AttuneError('SETTING_INVALID', '--address is no host:port such as 127.0.0.1:50051. Attune prints its own at the start, as gRPC on host:port.');
  const { calls, close } = rpcClient(address, IngestionServiceService, { deadlineMs: CALL_DEADLINE_MS });
  const context = { metadata: { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}` } };
  const at = { address, calls, context };
  try {
    return await work({ list: called(at, 'listRejected'), get: called(at, 'getRejected'), replay: called(at, 'replayRejected') });
  } finally {
    close();
  }
}

type Calls = RpcCalls<typeof IngestionServiceService>;
type Method = 'listRejected' | 'getRejected' | 'replayRejected';

interface Connection {
  readonly address: string;
  readonly calls: Calls;
  readonly context: Parameters<Calls[Method]>[1];
}

/** The call, whose faults say where and what to do. */
const called =
  <Name extends Method>({ address, calls, context }: Connection, name: Name) =>
  async (request: Parameters<Calls[Name]>[0]): Promise<Awaited<ReturnType<Calls[Name]>>> => {
    try {
      return (await calls[name](request as never, context)) as Awaited<ReturnType<Calls[Name]>>;
    } catch (fault) {
      const code = codeOf(fault);
      const told = fault instanceof AttuneError && code !== 'SERVICE_UNAVAILABLE' ? fault.detail : '';
      throw new AttuneError(code, [told, `At ${address}.`, HINTS[code] ?? ''].filter((words) => words !== '').join(' '), fault);
    }
  };

const HINTS: Readonly<Record<string, string>> = {
  SERVICE_UNAVAILABLE: 'Start Attune there, or name its gRPC address (not that of HTTP) by --address or ATTUNE_INGESTION_ADDR.',
  METHOD_UNKNOWN: 'Name the gRPC address of ingestion by --address or ATTUNE_INGESTION_ADDR.',
  WRITE_KEY_UNKNOWN: 'Give the write key by --key.',
};
