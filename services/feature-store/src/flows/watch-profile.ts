import { type WatchProfileRequest, WatchProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { consentOf } from '../domain/consent.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { GetProfile } from './get-profile.ts';
import type { ProfileFeed } from './profile-feed.ts';
import { profileIdOfSubject, type ReadPorts, readStored } from './read-stored.ts';

/** Tells how a profile stands, and then what happens to it, until the signal. */
export type WatchProfile = (tenant: string, request: WatchProfileRequest, signal: AbortSignal) => AsyncIterable<WatchProfileResponse>;

/** What watching needs. */
export interface WatchProfilePorts extends ReadPorts {
  readonly getProfile: GetProfile;
  readonly feed: ProfileFeed;
}

const CHANGE = 'attune.log.v1.ProfileChange';

/**
 * First the profile as GetProfile tells it, then each change as it is published, as far as the purpose may know it by what consent says at that moment; after a merge nothing.
 * @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED (also when it happens while it is watched), STORE_UNAVAILABLE, KEY_UNAVAILABLE, LOG_UNAVAILABLE, OVERLOADED for a reader that does not keep up
 */
export const watchProfile = (ports: WatchProfilePorts): WatchProfile =>
  async function* (tenant, { subject, purpose }, signal) {
    const { profileId } = await readStored(ports, tenant, await profileIdOfSubject(ports, tenant, subject));
    const watched = await ports.feed.watch(tenant, profileId);
    try {
      const standing = await ports.getProfile(tenant, { subject: { id: { $case: 'profileId', value: profileId } }, purpose });
      yield WatchProfileResponse.fromPartial({ what: { $case: 'standing', value: standing }, position: standing.position, atMs: standing.nowMs });
      for await (const record of watched.records(signal)) {
        const told = await toldOf(ports, tenant, { record, purpose, profileId });
        if (told === undefined) continue;
        yield told;
        if (told.what?.$case === 'merged') return;
      }
    } finally {
      watched.close();
    }
  };

interface Telling {
  readonly record: LogRecord;
  readonly purpose: string;
  readonly profileId: string;
}

/** Undefined for what is no change, or may not be known. */
async function toldOf(ports: WatchProfilePorts, tenant: string, { record, purpose, profileId }: Telling): Promise<WatchProfileResponse | undefined> {
  if (record.headers['type'] !== CHANGE) return undefined;
  const change = ProfileChange.decode(record.value);
  const { position, atMs } = change;
  if (change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED)
    return { what: { $case: 'merged', value: { intoProfileId: change.mergedInto } }, position, atMs };
  if (change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED) throw new AttuneError('ERASED');
  const { profile, rules } = await readStored(ports, tenant, profileId);
  if (profile === undefined || consentOf(profile, rules)[purpose] !== true) return undefined;
  if (change.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT)
    return { what: { $case: 'event', value: { name: change.event, role: change.role, eventTimeMs: change.eventTimeMs } }, position, atMs };
  if (!covers(rules, change.segment, purpose)) return undefined;
  return { what: { $case: 'segment', value: { segment: change.segment, entered: change.entered } }, position, atMs };
}

/** A segment may be used only for what all its inputs may be used for. */
function covers({ segments, features, traits }: ProfileRules, name: string, purpose: string): boolean {
  const reads = segments.find((segment) => segment.name === name)?.rule.reads;
  if (reads === undefined) return false;
  const purposes = new Map(features.map(({ declaration }) => [declaration.name, declaration.purposes]));
  return (
    reads.features.every((feature) => purposes.get(feature)?.includes(purpose)) && reads.traits.every((trait) => traits.get(trait)?.purposes.includes(purpose))
  );
}
