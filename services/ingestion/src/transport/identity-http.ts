import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { readRequest } from '@attune/grpc/json-request';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ResolveSubject } from '../flows/resolve-subject.ts';
import { type TenantOfKey, tenantOf } from './write-key.ts';

/** The calls of IdentityService as JSON (protobuf's mapping; snake_case accepted), with the write key as user name of Basic authentication. */
export function identityRoutes(app: FastifyInstance, resolve: ResolveSubject, tenantOfKey: TenantOfKey): void {
  const answer = async (request: FastifyRequest) => {
    const tenant = tenantOf(request, tenantOfKey);
    return ResolveResponse.toJSON(await resolve(tenant, readRequest(request.body, ResolveRequest).subject));
  };
  app.post('/attune.identity.v1.IdentityService/Resolve', answer);
}
