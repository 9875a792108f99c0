import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import type { ResolveSubject } from '../flows/resolve-subject.ts';

/** The calls of IdentityService. */
export const identityRpcs = (resolve: ResolveSubject): readonly Rpc[] =>
  rpcTable(IdentityServiceService, {
    resolve: { request: ResolveRequest, response: ResolveResponse, flow: (tenant, { subject }) => resolve(tenant, subject) },
  });
