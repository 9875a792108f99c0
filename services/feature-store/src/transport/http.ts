import * as features from '@attune/contracts/messages/features/v1/features';
import * as privacy from '@attune/contracts/messages/privacy/v1/privacy';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import type { GetConsent } from '../flows/get-consent.ts';
import type { GetFeatures } from '../flows/get-features.ts';
import type { GetProfile } from '../flows/get-profile.ts';
import type { RecordConsent } from '../flows/record-consent.ts';

/** The flows behind the calls. */
export interface FeatureStoreFlows {
  readonly getProfile: GetProfile;
  readonly getFeatures: GetFeatures;
  readonly getConsent: GetConsent;
  readonly recordConsent: RecordConsent;
}

/** The unary calls of FeatureStoreService and PrivacyService as JSON (protobuf's mapping; snake_case accepted). */
export function featureStoreRoutes(app: FastifyInstance, flows: FeatureStoreFlows, tenant: string): void {
  const call = callsOf(app, tenant);
  call('attune.features.v1.FeatureStoreService/GetProfile', features.GetProfileRequest, flows.getProfile, features.GetProfileResponse);
  call('attune.features.v1.FeatureStoreService/GetFeatures', features.GetFeaturesRequest, flows.getFeatures, features.GetFeaturesResponse);
  call('attune.privacy.v1.PrivacyService/GetConsent', privacy.GetConsentRequest, flows.getConsent, privacy.GetConsentResponse);
  call('attune.privacy.v1.PrivacyService/RecordConsent', privacy.RecordConsentRequest, flows.recordConsent, privacy.RecordConsentResponse);
}

interface Decoded<Q> {
  fromJSON(body: unknown): Q;
}

interface Encoded<A> {
  toJSON(answer: A): unknown;
}

type Call = <Q, A>(method: string, request: Decoded<Q>, flow: (tenant: string, request: Q) => Promise<A>, answer: Encoded<A>) => void;

const callsOf =
  (app: FastifyInstance, tenant: string): Call =>
  (method, request, flow, answer) => {
    app.post(`/${method}`, async ({ body }) => answer.toJSON(await flow(tenant, requestOf(body, request))));
  };

/** @throws AttuneError REQUEST_INVALID */
function requestOf<Q>(body: unknown, { fromJSON }: Decoded<Q>): Q {
  try {
    const json: unknown = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return fromJSON(json);
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'The body is not the request of this call in JSON.', fault);
  }
  throw new AttuneError('REQUEST_INVALID', 'The body is not a JSON object.');
}
