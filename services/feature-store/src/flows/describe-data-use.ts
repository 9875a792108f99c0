import { type DescribeDataUseRequest, DescribeDataUseResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { consentOf } from '../domain/consent.ts';
import { describeUse } from '../domain/describe-use.ts';
import { knownProfile, ownRules, profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Says what data are used for. */
export type DescribeDataUse = (tenant: string, request: DescribeDataUseRequest) => Promise<DescribeDataUseResponse>;

/** By the configuration that holds now: each purpose with its basis, each value with everything that reads it; of a subject also what that one allows. @throws AttuneError SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE */
export const describeDataUse =
  (ports: ReadPorts): DescribeDataUse =>
  async (tenant, { subject }) => {
    const configuration = ports.configuration();
    const allowed = subject === undefined ? undefined : await allowedBy(ports, tenant, subject);
    const purposes = Object.entries(configuration.purposes).map(([name, { basis, keep, tell }]) => ({
      name,
      basis,
      keep: String(keep),
      tell: { ...tell },
      ...(allowed && { allowed: allowed[name] === true }),
    }));
    const values = describeUse(ownRules(ports), configuration).map((use) => ({
      ...use,
      purposes: [...use.purposes],
      segments: [...use.segments],
      views: [...use.views],
      models: [...use.models],
      recommenders: [...use.recommenders],
      offers: [...use.offers],
      campaigns: [...use.campaigns],
    }));
    return DescribeDataUseResponse.fromPartial({ configurationVersion: configuration.version, purposes, values });
  };

async function allowedBy(ports: ReadPorts, tenant: string, subject: DescribeDataUseRequest['subject']): Promise<Readonly<Record<string, boolean>>> {
  const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
  return consentOf(knownProfile(stored), stored.rules);
}
