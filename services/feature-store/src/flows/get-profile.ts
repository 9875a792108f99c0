import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { consentOf } from '../domain/consent.ts';
import { disclose } from '../domain/disclose.ts';
import { segmentsThatHold } from '../domain/find-transitions.ts';
import { type NamedReading, readFeatures, readTraits, ruleValues } from '../domain/read-profile.ts';
import { openFor } from './open-for.ts';
import { namedValue } from './profile-changes.ts';
import { checkPurposes, knownProfile, profileIdOfSubject, type ReadPorts, readStored, type StoredProfile } from './read-stored.ts';
import { firstLeafOf } from './record-fact.ts';
import { valueReaders } from './value-readers.ts';

/** Reads one profile for a purpose. */
export type GetProfile = (tenant: string, request: GetProfileRequest) => Promise<GetProfileResponse>;

/**
 * Reads a profile as a purpose may see it, at max(now, log time), with the position that it stands at. Values are WITHHELD where the purpose is not among
 * theirs or consent does not allow it; such a value is unknown to segments. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const getProfile =
  (ports: ReadPorts): GetProfile =>
  async (tenant, { subject, purpose }) => {
    const stored = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const { profileId, rules, position, nowMs } = stored;
    checkPurposes(rules, 'purpose', [purpose]);
    const profile = knownProfile(stored);
    await openFor(ports, tenant, stored, { readers: valueReaders(rules).values(), purpose });
    const features = readFeatures(profile, rules, nowMs);
    const traits = readTraits(profile, rules);
    const tell = telling(stored, purpose);
    const told = [...features, ...traits].filter((reading) => tell(reading).status === ValueStatus.VALUE_STATUS_PRESENT);
    return GetProfileResponse.fromPartial({
      profileId,
      features: features.map(tell),
      traits: traits.map(tell).map((value) => ({ ...value, name: value.name.slice('traits.'.length) })),
      segments: [...segmentsThatHold(rules.segments, ruleValues(told))],
      consent: consentOf(profile, rules),
      position,
      nowMs: BigInt(nowMs),
      events: BigInt(profile.events),
      mergedProfileIds: profile.merged.map((one) => one.profileId),
      leaf: firstLeafOf(profile),
    });
  };

/** How a value of the profile is told for the purpose: as it is, or with the status that says why not. */
export function telling({ profile, rules }: StoredProfile, purpose: string): (reading: NamedReading) => NamedValue {
  const allowed = profile !== undefined && consentOf(profile, rules)[purpose] === true;
  const erased = profile?.personal === 'erased';
  return (reading) => {
    const disclosure = disclose(reading, { purpose, allowed, erased });
    if (disclosure === 'withheld') return { name: reading.name, status: ValueStatus.VALUE_STATUS_WITHHELD, value: undefined, eventTimeMs: 0n };
    if (disclosure === 'erased') return { name: reading.name, status: ValueStatus.VALUE_STATUS_ERASED, value: undefined, eventTimeMs: 0n };
    return namedValue(reading);
  };
}
