import { type ExportedProfile, type ExportProfileRequest, ExportProfileResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { AttuneError } from '@attune/kernel/errors';
import { subjectKey } from '@attune/sealing/port';
import { consentOf } from '../domain/consent.ts';
import { describeUse } from '../domain/describe-use.ts';
import type { Profile } from '../domain/profile.ts';
import { type NamedReading, readFeatures, readTraits } from '../domain/read-profile.ts';
import { type ExportPorts, exportedRecords } from './export-records.ts';
import { namedValue } from './named-value.ts';
import { knownProfile, profileIdOfSubject, readStored, type StoredProfile } from './read-stored.ts';

/** Hands out everything that is held of a customer. */
export type ExportProfile = (tenant: string, request: ExportProfileRequest) => Promise<ExportProfileResponse>;

/**
 * The first page begins with the profile as it stands: every value, whatever its purpose and consent, with where it comes from and when; then, page by page,
 * every record of the log that was kept of the customer, opened. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE, KEY_UNAVAILABLE, LOG_UNAVAILABLE
 */
export const exportProfile =
  (ports: ExportPorts): ExportProfile =>
  async (tenant, { subject, pageSize, pageToken }) => {
    const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const { profileId, position, nowMs } = stored;
    const profile = knownProfile(stored);
    const ids = [profileId, ...profile.merged.map((one) => one.profileId)];
    await ports.ring.load(tenant, ids.map(subjectKey));
    ports.codec.open(profile);
    if (profile.personal === 'erased') throw new AttuneError('ERASED');
    const { records, nextPageToken } = await exportedRecords(ports, tenant, { ids, pageSize, pageToken });
    const whole = pageToken === '' ? { profile: wholeProfile(ports, stored, profile) } : {};
    return ExportProfileResponse.fromPartial({ profileId, position, nowMs: BigInt(nowMs), ...whole, records, nextPageToken });
  };

function wholeProfile({ configuration }: ExportPorts, { rules, nowMs }: StoredProfile, profile: Profile): ExportedProfile {
  const sources = new Map(describeUse(rules, configuration()).map(({ name, source }) => [name, source]));
  const value = (reading: NamedReading) => ({
    value: namedValue(reading),
    purposes: [...reading.purposes],
    personal: reading.personal,
    source: sources.get(reading.name) ?? '',
  });
  return {
    values: [...readFeatures(profile, rules, nowMs), ...readTraits(profile, rules)].map(value),
    segments: [...profile.segments],
    consent: consentOf(profile, rules),
    said: [...profile.leaves].flatMap(([identifier, { consent }]) =>
      [...consent].map(([purpose, { granted, receivedAtMs }]) => ({ identifier, purpose, granted, receivedAtMs: BigInt(receivedAtMs) })),
    ),
    identifiers: [...profile.leaves.keys()],
    mergedProfileIds: profile.merged.map((one) => one.profileId),
    events: BigInt(profile.events),
    lateEvents: BigInt(profile.late),
    newestEventMs: BigInt(profile.newestMs),
    configurationVersion: rules.version,
  };
}
