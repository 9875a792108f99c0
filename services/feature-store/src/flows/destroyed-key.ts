import { codeOf } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';

/** True where the key of a profile was destroyed; it must have been loaded. A key that was never made sealed nothing. */
export function isDestroyed(ring: KeyRing, tenant: string, profileId: string): boolean {
  try {
    ring.check(tenant, subjectKey(profileId));
    return false;
  } catch (fault) {
    return codeOf(fault) === 'ERASED';
  }
}
