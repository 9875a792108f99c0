import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { type RpcCalls, rpcClient } from '@attune/grpc/client';
import { calledFault } from './whom.ts';

const CALL_DEADLINE_MS = 30_000;

/** Does something with the calls about identifiers of a running Attune, at a gRPC address. @throws AttuneError of the service's code, with the address in its detail */
export async function withIdentityCalls<Answer>(address: string, work: (calls: RpcCalls<typeof IdentityServiceService>) => Promise<Answer>): Promise<Answer> {
  const { calls, close } = rpcClient(address, IdentityServiceService, { deadlineMs: CALL_DEADLINE_MS });
  try {
    return await work(calls);
  } catch (fault) {
    throw calledFault(fault, address);
  } finally {
    close();
  }
}
