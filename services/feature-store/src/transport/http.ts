import { GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import type { GetProfile } from '../flows/get-profile.ts';

/** The unary calls of FeatureStoreService as JSON (protobuf's mapping; snake_case accepted). */
export function featureStoreRoutes(app: FastifyInstance, read: GetProfile, tenant: string): void {
  app.post('/attune.features.v1.FeatureStoreService/GetProfile', async (request) => GetProfileResponse.toJSON(await read(tenant, requestOf(request.body))));
}

/** @throws AttuneError REQUEST_INVALID */
function requestOf(body: unknown): GetProfileRequest {
  try {
    return GetProfileRequest.fromJSON(JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : ''));
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not a GetProfileRequest in JSON.', fault);
  }
}
