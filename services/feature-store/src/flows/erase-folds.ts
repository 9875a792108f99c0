import { Activity, type Erasure } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission, FoldResult } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { ProfilesState } from '../ports.ts';
import { MOVED_FROM } from './move-profile.ts';
import { type ChangeCause, erasedEmission } from './profile-changes.ts';
import { profileKey } from './state-keys.ts';

/** What names the profile that a record erases: its key is destroyed before the fold. */
export const ERASES = 'erases';

/**
 * Destroys the keys of the profiles that these records erase, and of those that became part of them: each record stands in the log, so that it holds whatever
 * comes. Folds that are still on their way to one of them go with it. `states`: as they were before the records. @throws AttuneError KEY_UNAVAILABLE
 */
export async function destroyErased(ring: KeyRing, tenant: string, records: readonly LogRecord[], states: ReadonlyMap<string, ProfilesState>): Promise<void> {
  const erased = new Set<string>();
  const gone = new Set<string>();
  for (const { key, headers } of records) {
    const state = states.get(profileKey(tenant, key));
    const from = headers[MOVED_FROM];
    if (headers[ERASES] !== undefined && !state?.moved && !state?.erased) {
      erased.add(key);
      for (const { profileId } of state?.profile?.merged ?? []) gone.add(profileId);
      for (const one of records) if (one.key === key && one.headers[MOVED_FROM] !== undefined) gone.add(one.headers[MOVED_FROM]);
    }
    if (from !== undefined && state?.erased) gone.add(from);
  }
  const all = [...erased, ...gone].map(subjectKey);
  if (all.length > 0) await ring.destroy(tenant, all);
}

/** Lets go of everything that is held of the profile, and tells so: of it, and of each that became part of it. In place. */
export function eraseFolds(state: ProfilesState, cause: ChangeCause, { receivedAtMs }: Pick<Erasure, 'receivedAtMs'>): FoldResult {
  const atMs = Number(receivedAtMs);
  const all = [cause.profileId, ...(state.profile?.merged ?? []).map(({ profileId }) => profileId)];
  state.erased = { atMs };
  delete state.profile;
  return { emissions: all.map((profileId) => erasedEmission(cause, { profileId, atMs })) };
}

/** What comes for an erased profile changes nothing; folds that were on their way to it are erased with it. */
export function afterErasure({ atMs }: { readonly atMs: number }, cause: ChangeCause): readonly Emission[] {
  const { record } = Activity.decode(cause.record.value);
  return record?.$case === 'foldMoved' ? [erasedEmission(cause, { profileId: record.value.fromProfileId, atMs })] : [];
}
