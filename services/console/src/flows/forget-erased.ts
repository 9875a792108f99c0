import { codeOf } from '@attune/kernel/errors';
import { subjectKey } from '@attune/sealing/port';
import { forgetProfile } from '../domain/read-model.ts';
import type { ReadOf } from './read-records.ts';

/** Lets go of those of these profiles whose keys were destroyed since: an erased person may not be shown from memory. */
export type ForgetErased = (profileIds: readonly string[]) => Promise<void>;

/** @throws AttuneError KEY_UNAVAILABLE while keys cannot be read: better no answer than one about an erased person */
export const forgetErased =
  ({ model, ring, tenant }: ReadOf): ForgetErased =>
  async (profileIds) => {
    await ring.load(tenant, profileIds.map(subjectKey));
    for (const profileId of profileIds)
      if (isErased(() => ring.seal(subjectKey(profileId), { tenant, subject: profileId, id: 'console' }, NOTHING))) forgetProfile(model, profileId);
  };

const NOTHING = new Uint8Array();

/** A destroyed key refuses to seal. */
function isErased(seal: () => unknown): boolean {
  try {
    seal();
    return false;
  } catch (fault) {
    return codeOf(fault) === 'ERASED';
  }
}
