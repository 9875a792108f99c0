import { subjectKey } from '@attune/sealing/port';
import { consentOf } from '../domain/consent.ts';
import type { ReadPorts, StoredProfile } from './read-stored.ts';
import type { ValueReader } from './value-readers.ts';

/**
 * Opens the personal parts of a profile, or marks them as erased, where one of these values lies among them and the purpose may know it: what is withheld
 * is not opened. @throws AttuneError KEY_UNAVAILABLE
 */
export async function openFor(
  { ring, codec }: Pick<ReadPorts, 'ring' | 'codec'>,
  tenant: string,
  { profile, rules }: StoredProfile,
  { readers, purpose }: { readonly readers: Iterable<ValueReader | undefined>; readonly purpose: string },
): Promise<void> {
  if (profile?.personal !== 'closed' || consentOf(profile, rules)[purpose] !== true) return;
  for (const reader of readers) {
    if (!reader?.purposes.includes(purpose) || !reader.sealedIn(profile)) continue;
    await ring.load(tenant, [subjectKey(profile.profileId)]);
    return codec.open(profile);
  }
}
