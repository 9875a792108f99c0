import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import * as messages from '@attune/contracts/messages/identity/v1/identity';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import type { AllowIdentifier } from '../flows/accept-allowance.ts';
import type { ListQuarantined } from '../flows/list-quarantined.ts';
import type { ReadHistory } from '../flows/read-history.ts';
import type { ResolveSubject, ResolveSubjects } from '../flows/resolve-subject.ts';

/** The flows behind the calls about identifiers. */
export interface IdentityCalls {
  readonly resolve: ResolveSubject;
  readonly resolveMany: ResolveSubjects;
  readonly history: ReadHistory;
  readonly listQuarantined: ListQuarantined;
  readonly allowIdentifier: AllowIdentifier;
}

/** The calls of IdentityService. */
export const identityRpcs = ({ resolve, resolveMany, history, listQuarantined, allowIdentifier }: IdentityCalls): readonly Rpc[] =>
  rpcTable(IdentityServiceService, {
    resolve: { request: messages.ResolveRequest, response: messages.ResolveResponse, flow: (tenant, { subject }) => resolve(tenant, subject) },
    resolveMany: {
      request: messages.ResolveManyRequest,
      response: messages.ResolveManyResponse,
      flow: async (tenant, { subjects }) => ({ found: [...(await resolveMany(tenant, subjects))] }),
    },
    history: { request: messages.HistoryRequest, response: messages.HistoryResponse, flow: history },
    listQuarantined: { request: messages.ListQuarantinedRequest, response: messages.ListQuarantinedResponse, flow: listQuarantined },
    allowIdentifier: { request: messages.AllowIdentifierRequest, response: messages.AllowIdentifierResponse, flow: allowIdentifier },
  });
