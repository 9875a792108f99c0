import {
  type ObjectToProfilingRequest,
  ObjectToProfilingResponse,
  type RestrictProcessingRequest,
  RestrictProcessingResponse,
} from '@attune/contracts/messages/privacy/v1/privacy';
import { OBJECTED, RESTRICTED } from '../domain/consent.ts';
import { profileIdOfSubject } from './read-stored.ts';
import { type RecordConsentPorts, sayObeyed } from './record-consent.ts';

/** Restricts what a customer's data may be used for, or lifts that. */
export type RestrictProcessing = (tenant: string, request: RestrictProcessingRequest) => Promise<RestrictProcessingResponse>;

/** Notes that a customer objects to profiling, or takes that back. */
export type ObjectToProfiling = (tenant: string, request: ObjectToProfilingRequest) => Promise<ObjectToProfilingResponse>;

/** Says it under every identifier of the profile and answers once reads obey it. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, LOG_UNAVAILABLE; DEADLINE_EXCEEDED after 3 s: it stands in the log and will be obeyed */
export const restrictProcessing =
  (ports: RecordConsentPorts): RestrictProcessing =>
  async (tenant, { subject, lift, messageId }) => {
    const profileId = await profileIdOfSubject(ports, tenant, subject);
    const position = await sayObeyed(ports, tenant, { subject: { id: { $case: 'profileId', value: profileId } }, purposes: { [RESTRICTED]: lift }, messageId });
    return RestrictProcessingResponse.fromPartial({ profileId, restricted: !lift, position });
  };

/** The same for the objection. @throws AttuneError as `restrictProcessing` */
export const objectToProfiling =
  (ports: RecordConsentPorts): ObjectToProfiling =>
  async (tenant, { subject, withdraw, messageId }) => {
    const profileId = await profileIdOfSubject(ports, tenant, subject);
    const position = await sayObeyed(ports, tenant, {
      subject: { id: { $case: 'profileId', value: profileId } },
      purposes: { [OBJECTED]: withdraw },
      messageId,
    });
    return ObjectToProfilingResponse.fromPartial({ profileId, objects: !withdraw, position });
  };
