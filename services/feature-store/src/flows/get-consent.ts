import { type GetConsentRequest, GetConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { AttuneError } from '@attune/kernel/errors';
import { consentOf } from '../domain/consent.ts';
import { profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Reads what a customer allows. */
export type GetConsent = (tenant: string, request: GetConsentRequest) => Promise<GetConsentResponse>;

/** Whether data may be used, for each purpose of the configuration: as was said, or as its basis says where nothing was. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, STORE_UNAVAILABLE */
export const getConsent =
  (ports: ReadPorts): GetConsent =>
  async (tenant, { subject }) => {
    const { profileId, profile, rules, position } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    if (profile === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    return GetConsentResponse.fromPartial({ profileId, purposes: consentOf(profile, rules), position });
  };
