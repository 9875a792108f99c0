import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import type { ResolveSubject } from '../flows/resolve-subject.ts';
import { type TenantOfKey, tenantOf } from './write-key.ts';

/** The calls of IdentityService as JSON (protobuf's mapping; snake_case accepted), with the write key as user name of Basic authentication. */
export function identityRoutes(app: FastifyInstance, resolve: ResolveSubject, tenantOfKey: TenantOfKey): void {
  app.post('/attune.identity.v1.IdentityService/Resolve', async (request) => {
    const tenant = tenantOf(request, tenantOfKey);
    return ResolveResponse.toJSON(await resolve(tenant, requestOf(request.body).subject));
  });
}

/** @throws AttuneError REQUEST_INVALID */
function requestOf(body: unknown): ResolveRequest {
  try {
    return ResolveRequest.fromJSON(JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : ''));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not a ResolveRequest in JSON.', fault);
  }
}
