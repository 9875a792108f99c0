import { type GetConsentRequest, GetConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { consentOf, limitsOf } from '../domain/consent.ts';
import { knownProfile, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Reads what a customer allows. */
export type GetConsent = (tenant: string, request: GetConsentRequest) => Promise<GetConsentResponse>;

/** Whether data may be used, for each purpose of the configuration: as was said, or as its basis says where nothing was. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE */
export const getConsent =
  (ports: ReadPorts): GetConsent =>
  async (tenant, { subject }) => {
    const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const { profileId, rules, position } = stored;
    const profile = knownProfile(stored);
    const { restricted, objects } = limitsOf(profile);
    return GetConsentResponse.fromPartial({ profileId, purposes: consentOf(profile, rules), position, restricted, objectsToProfiling: objects });
  };
