import * as features from '@attune/contracts/messages/features/v1/features';
import * as privacy from '@attune/contracts/messages/privacy/v1/privacy';
import { type JsonMessage, readRequest } from '@attune/grpc/json-request';
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

interface Encoded<A> {
  toJSON(answer: A): unknown;
}

type Call = <Q, A>(method: string, request: JsonMessage<Q>, flow: (tenant: string, request: Q) => Promise<A>, answer: Encoded<A>) => void;

const callsOf =
  (app: FastifyInstance, tenant: string): Call =>
  (method, request, flow, answer) => {
    app.post(`/${method}`, async ({ body }) => answer.toJSON(await flow(tenant, readRequest(body, request))));
  };
