import { Activity, type FoldMoved, type MovedAway } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { Emission } from '@attune/processor/definition';
import type { EnvelopeOf, KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { acceptedOf, foldsOf, type MovedFolds } from '../domain/move-folds.ts';
import type { Profile } from '../domain/profile.ts';
import type { MovedProfile, ProfileCodec } from '../ports.ts';
import { ACTIVITY, activityHeaders } from './state-keys.ts';

/** What moving folds needs. */
export interface MovePorts {
  readonly ring: KeyRing;
  readonly codec: ProfileCodec;
}

/** What names the profile that folds go to, on the record that sends them: its key is fetched before the fold. */
export const MOVED_TO = 'moved-to';

/** What names the profile that folds come from, on the record that brings them. */
export const MOVED_FROM = 'moved-from';

/** The name of a link: its place in attune.accepted.v1. */
export const linkIdOf = ({ acceptedPartition, acceptedOffset }: Activity): string => `${acceptedPartition}/${acceptedOffset}`;

/** Sends the folds of an open profile to the one that it becomes part of, sealed under the key of that; what is personal stays behind where either key was destroyed. */
export function foldsEmission({ ring, codec }: MovePorts, { tenant, partition, offset }: LogRecord, { profile, linkId, to }: Moving): Emission {
  const folds = foldsOf(profile, linkId);
  const { open, personal } = codec.pack(folds.leaves);
  const sealed = personal && unlessErased(() => ring.seal(subjectKey(to), boundTo({ tenant, to, linkId }), personal));
  const { newestMs, logTimeMs, events, late } = folds;
  const counts = { events: BigInt(events), late: BigInt(late), newestMs: BigInt(newestMs), logTimeMs: BigInt(logTimeMs) };
  const value = { linkId, fromProfileId: profile.profileId, open, ...(sealed && { personal: sealed }), ...counts };
  const activity = Activity.fromPartial({ profileId: to, acceptedOffset: -1n, record: { $case: 'foldMoved', value } });
  const id = `${profile.profileId}/${partition}/${offset}/fold-moved`;
  return { id, tenant, topic: ACTIVITY, key: to, value: Activity.encode(activity).finish(), headers: { ...activityHeaders, [MOVED_FROM]: profile.profileId } };
}

interface Moving {
  readonly profile: Profile;
  readonly linkId: string;
  readonly to: string;
}

/** The folds in a record, as they left. The key of the profile must be held. @throws AttuneError INTERNAL for folds of another shape, KEY_UNAVAILABLE */
export function arrivedFolds({ ring, codec }: MovePorts, { tenant, key: to }: LogRecord, moved: FoldMoved): MovedFolds {
  const { linkId, fromProfileId, open, personal: sealed } = moved;
  const personal = sealed && unlessErased(() => ring.open(sealed, boundTo({ tenant, to, linkId })));
  return {
    from: { linkId, profileId: fromProfileId },
    leaves: codec.unpack({ open, personal }),
    events: Number(moved.events),
    late: Number(moved.late),
    newestMs: Number(moved.newestMs),
    logTimeMs: Number(moved.logTimeMs),
  };
}

/** What is kept of a profile that went away. */
export const pointerOf = (profile: Profile, { toProfileId }: MovedAway): MovedProfile => ({ to: toProfileId, accepted: acceptedOf(profile) });

/**
 * Looks at a record of a profile that went away. It can only be a repeat: one owner sends all records of an identifier, the link in their order, and those
 * after it to the other profile. @throws AttuneError INTERNAL for one that is none, so that it is set aside and seen instead of lost
 */
export function checkRepeat({ accepted }: MovedProfile, { record, acceptedPartition, acceptedOffset }: Activity): void {
  const counts = record?.$case === 'event' || record?.$case === 'consent';
  const isNews = counts && acceptedOffset > (accepted.get(acceptedPartition) ?? -1);
  if (isNews || record?.$case === 'foldMoved') throw new AttuneError('INTERNAL', 'A profile that became part of another got a record that is no repeat.');
}

const boundTo = ({ tenant, to, linkId }: { readonly tenant: string; readonly to: string; readonly linkId: string }): EnvelopeOf => ({
  tenant,
  subject: to,
  id: `folds/${linkId}`,
});

function unlessErased<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}
