import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import * as features from '@attune/contracts/messages/features/v1/features';
import * as privacy from '@attune/contracts/messages/privacy/v1/privacy';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import { type RpcStream, streamTable } from '@attune/grpc/rpc-stream';
import type { DescribeDataUse } from '../flows/describe-data-use.ts';
import type { EraseProfile, GetErasure } from '../flows/erase-profile.ts';
import type { ExplainSegment } from '../flows/explain-segment.ts';
import type { ExportProfile } from '../flows/export-profile.ts';
import { featuresBytes } from '../flows/features-bytes.ts';
import type { GetConsent } from '../flows/get-consent.ts';
import type { GetFeatures } from '../flows/get-features.ts';
import type { GetProfile } from '../flows/get-profile.ts';
import type { ObjectToProfiling, RestrictProcessing } from '../flows/limit-use.ts';
import type { RecordConsent } from '../flows/record-consent.ts';
import type { RecordFact } from '../flows/record-fact.ts';
import type { RectifyProfile } from '../flows/rectify-profile.ts';
import type { WatchProfile } from '../flows/watch-profile.ts';
import { wholeProfileBytes } from '../flows/whole-profile-bytes.ts';

/** The flows behind the calls. */
export interface FeatureStoreFlows {
  readonly getProfile: GetProfile;
  readonly getFeatures: GetFeatures;
  readonly explainSegment: ExplainSegment;
  readonly getConsent: GetConsent;
  readonly recordConsent: RecordConsent;
  readonly recordFact: RecordFact;
  readonly eraseProfile: EraseProfile;
  readonly getErasure: GetErasure;
  readonly exportProfile: ExportProfile;
  readonly describeDataUse: DescribeDataUse;
  readonly rectifyProfile: RectifyProfile;
  readonly restrictProcessing: RestrictProcessing;
  readonly objectToProfiling: ObjectToProfiling;
}

/** The streams of FeatureStoreService. */
export const featureStoreStreams = (watchProfile: WatchProfile): readonly RpcStream[] =>
  streamTable(FeatureStoreServiceService, {
    watchProfile: { request: features.WatchProfileRequest, response: features.WatchProfileResponse, flow: watchProfile },
  });

/** The calls of FeatureStoreService and PrivacyService that answer once. */
export const featureStoreRpcs = (flows: FeatureStoreFlows): readonly Rpc[] => [
  ...rpcTable(FeatureStoreServiceService, {
    getFeatures: { request: features.GetFeaturesRequest, response: features.GetFeaturesResponse, flow: flows.getFeatures, encode: featuresBytes },
    getProfile: { request: features.GetProfileRequest, response: features.GetProfileResponse, flow: flows.getProfile, encode: wholeProfileBytes },
    explainSegment: { request: features.ExplainSegmentRequest, response: features.ExplainSegmentResponse, flow: flows.explainSegment },
    recordFact: { request: features.RecordFactRequest, response: features.RecordFactResponse, flow: flows.recordFact },
  }),
  ...rpcTable(PrivacyServiceService, {
    getConsent: { request: privacy.GetConsentRequest, response: privacy.GetConsentResponse, flow: flows.getConsent },
    recordConsent: { request: privacy.RecordConsentRequest, response: privacy.RecordConsentResponse, flow: flows.recordConsent },
    eraseProfile: { request: privacy.EraseProfileRequest, response: privacy.EraseProfileResponse, flow: flows.eraseProfile },
    getErasure: { request: privacy.GetErasureRequest, response: privacy.GetErasureResponse, flow: flows.getErasure },
    exportProfile: { request: privacy.ExportProfileRequest, response: privacy.ExportProfileResponse, flow: flows.exportProfile },
    describeDataUse: { request: privacy.DescribeDataUseRequest, response: privacy.DescribeDataUseResponse, flow: flows.describeDataUse },
    rectifyProfile: { request: privacy.RectifyProfileRequest, response: privacy.RectifyProfileResponse, flow: flows.rectifyProfile },
    restrictProcessing: { request: privacy.RestrictProcessingRequest, response: privacy.RestrictProcessingResponse, flow: flows.restrictProcessing },
    objectToProfiling: { request: privacy.ObjectToProfilingRequest, response: privacy.ObjectToProfilingResponse, flow: flows.objectToProfiling },
  }),
];
