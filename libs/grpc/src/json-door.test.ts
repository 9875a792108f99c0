import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import * as features from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { profile, unanswered } from './grpc-world.fixture.ts';
import { plainOptions, speakPlainly } from './http-errors.ts';
import { jsonDoor } from './json-door.ts';
import { rpcTable } from './rpc.ts';

let app: FastifyInstance;
beforeEach(() => {
  app = fastify(plainOptions);
  speakPlainly(app);
  const rpcs = rpcTable(FeatureStoreServiceService, {
    ...unanswered(new AttuneError('METHOD_UNKNOWN')),
    getProfile: {
      request: features.GetProfileRequest,
      response: features.GetProfileResponse,
      flow: async (tenant, { subject, purpose }) => profile(`${tenant} ${subject?.id?.value} ${purpose}`),
    },
    getFeatures: {
      request: features.GetFeaturesRequest,
      response: features.GetFeaturesResponse,
      flow: () => Promise.reject(new AttuneError('ERASED')),
    },
  });
  jsonDoor(app, rpcs, ({ headers: { tenant } }) => {
    if (typeof tenant !== 'string') throw new AttuneError('WRITE_KEY_UNKNOWN');
    return tenant;
  });
});
afterEach(() => app.close());

async function ask(method: string, payload: string, headers: Readonly<Record<string, string>> = { tenant: 'shop' }) {
  const answer = await app.inject({ method: 'POST', url: `/attune.features.v1.FeatureStoreService/${method}`, payload, headers });
  return { status: answer.statusCode, ...answer.json<Record<string, unknown>>() };
}

test('each call of the table is served under its path, with the tenant of the request', async () => {
  expect(await ask('GetProfile', '{"subject":{"user_id":"ada"},"purpose":"service"}')).toMatchObject({ status: 200, profileId: 'shop ada service' });
  expect(await ask('GetFeatures', '')).toMatchObject({ status: 410, reason: 'ERASED' });
  expect(await ask('GetNothing', '')).toMatchObject({ status: 404, reason: 'METHOD_UNKNOWN' });
});

test('a caller who is nobody is refused before the body is read', async () => {
  expect(await ask('GetProfile', '{', {})).toMatchObject({ status: 401, reason: 'WRITE_KEY_UNKNOWN' });
  expect(await ask('GetProfile', '{')).toMatchObject({ status: 400, reason: 'REQUEST_INVALID' });
});
