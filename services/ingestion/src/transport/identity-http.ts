import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ResolveSubject } from '../flows/resolve-subject.ts';
import { answeringExpected } from './expected-faults.ts';
import { type TenantOfKey, tenantOf } from './write-key.ts';

/** The calls of IdentityService as JSON (protobuf's mapping; snake_case accepted), with the write key as user name of Basic authentication. */
export function identityRoutes(app: FastifyInstance, resolve: ResolveSubject, tenantOfKey: TenantOfKey): void {
  const answer = async (request: FastifyRequest) => {
    const tenant = tenantOf(request, tenantOfKey);
    return ResolveResponse.toJSON(await resolve(tenant, requestOf(request.body).subject));
  };
  app.post('/attune.identity.v1.IdentityService/Resolve', answeringExpected(answer));
}

/** @throws AttuneError REQUEST_INVALID */
function requestOf(body: unknown): ResolveRequest {
  try {
    return ResolveRequest.fromJSON(JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : ''));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not a ResolveRequest in JSON.', fault);
  }
}
