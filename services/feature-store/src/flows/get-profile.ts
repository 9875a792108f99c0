import { type NamedValue, type Position, type Subject, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { consentOf } from '../domain/consent.ts';
import { disclose } from '../domain/disclose.ts';
import { segmentsThatHold } from '../domain/find-transitions.ts';
import { type NamedReading, readFeatures, readTraits, ruleValues } from '../domain/read-profile.ts';
import { namedValue } from './named-value.ts';
import { openFor } from './open-for.ts';
import { AT_LEAST_LATE, checkAtLeast, know, untilEnough, type WaitPorts } from './reach-position.ts';
import { checkPurposes, knownProfile, profileIdOfSubject, type ReadPorts, readStored, type StoredProfile } from './read-stored.ts';
import { firstLeafOf } from './record-fact.ts';
import { valueReaders } from './value-readers.ts';

/** Reads one profile for a purpose. */
export type GetProfile = (tenant: string, request: GetProfileRequest) => Promise<GetProfileResponse>;

/** What it needs beside reading. */
export interface GetProfilePorts extends ReadPorts, WaitPorts {}

/**
 * Reads a profile as a purpose may see it, at max(now, log time), with the position that it stands at. Values are WITHHELD where the purpose is not among
 * theirs or consent does not allow it; such a value is unknown to segments. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE,
 * KEY_UNAVAILABLE, DEADLINE_EXCEEDED where `at_least` is not reached within 3 s
 */
export const getProfile =
  (ports: GetProfilePorts): GetProfile =>
  async (tenant, { subject, purpose, atLeast }) => {
    const stored = await (atLeast ? storedAt(ports, tenant, { subject, atLeast }) : storedOf(ports, tenant, subject));
    const { profileId, rules, position, nowMs } = stored;
    checkPurposes(rules, 'purpose', [purpose]);
    const profile = knownProfile(stored);
    await openFor(ports, tenant, stored, { readers: valueReaders(rules).values(), purpose });
    const features = readFeatures(profile, rules, nowMs);
    const traits = readTraits(profile, rules);
    const tell = telling(stored, purpose);
    const [toldFeatures, toldTraits] = [features.map(tell), traits.map(tell)];
    const isPresent = ({ status }: NamedValue): boolean => status === ValueStatus.VALUE_STATUS_PRESENT;
    const known = [
      ...features.filter((_, i) => toldFeatures[i] && isPresent(toldFeatures[i])),
      ...traits.filter((_, i) => toldTraits[i] && isPresent(toldTraits[i])),
    ];
    return {
      profileId,
      features: toldFeatures,
      traits: toldTraits.map((value) => ({ ...value, name: value.name.slice('traits.'.length) })),
      segments: [...segmentsThatHold(rules.segments, ruleValues(known))],
      consent: consentOf(profile, rules),
      position,
      nowMs: BigInt(nowMs),
      events: BigInt(profile.events),
      mergedProfileIds: profile.merged.map((one) => one.profileId),
      leaf: firstLeafOf(profile),
    };
  };

const storedOf = async (ports: ReadPorts, tenant: string, subject: Subject | undefined): Promise<StoredProfile> =>
  readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));

interface AskedAt {
  readonly subject: Subject | undefined;
  readonly atLeast: Position;
}

/** Somebody who is not known yet may become so by what is waited for. */
async function storedAt(ports: GetProfilePorts, tenant: string, { subject, atLeast }: AskedAt): Promise<StoredProfile> {
  checkAtLeast(atLeast, 1);
  const unlessUnknown = (fault: unknown): undefined => {
    if (codeOf(fault) !== 'SUBJECT_UNKNOWN') throw fault;
  };
  const found = await untilEnough(ports, {
    look: () => storedOf(ports, tenant, subject).catch(unlessUnknown),
    enough: (stored) => know(stored === undefined ? [] : [stored], atLeast),
    of: (stored) => ({ tenant, profileIds: stored === undefined ? [] : [stored.profileId] }),
    late: AT_LEAST_LATE,
  });
  if (found === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
  return found;
}

/** How a value of the profile is told for the purpose: as it is, or with the status that says why not. */
export function telling({ profile, rules }: StoredProfile, purpose: string): (reading: NamedReading) => NamedValue {
  const allowed = profile !== undefined && consentOf(profile, rules)[purpose] === true;
  const erased = profile?.personal === 'erased';
  return (reading) => {
    const disclosure = disclose(reading, { purpose, allowed, erased });
    if (disclosure === 'withheld')
      return { name: reading.name, status: ValueStatus.VALUE_STATUS_WITHHELD, value: undefined, eventTimeMs: 0n, ageMs: undefined };
    if (disclosure === 'erased') return { name: reading.name, status: ValueStatus.VALUE_STATUS_ERASED, value: undefined, eventTimeMs: 0n, ageMs: undefined };
    return namedValue(reading);
  };
}
