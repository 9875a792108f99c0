import { createHash } from 'node:crypto';
import { DecisionInputs, type Sealed } from '@attune/contracts/messages/log/v1/log';
import { codeOf } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';

/** Whose inputs they are. */
export interface InputsOf {
  readonly tenant: string;
  readonly profileId: string;
}

/** Seals bytes under the key of their subject, bound to the record `id`. The key must be held. @throws AttuneError ERASED, KEY_UNAVAILABLE */
export const sealInputs =
  (ring: KeyRing, { tenant, profileId }: InputsOf) =>
  (id: string, bytes: Uint8Array): Sealed =>
    ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, bytes);

/** The inputs of the record `id`. The key must be held. @throws AttuneError ERASED, KEY_UNAVAILABLE */
export const openInputs = (ring: KeyRing, { tenant, profileId }: InputsOf, id: string, sealed: Sealed): DecisionInputs =>
  DecisionInputs.decode(ring.open(sealed, { tenant, subject: profileId, id }));

/** The same, but undefined where there are none or they were erased. */
export function openIfThere(ring: KeyRing, of: InputsOf, id: string, sealed: Sealed | undefined): DecisionInputs | undefined {
  const bytes = openBytesIfThere(ring, of, id, sealed);
  return bytes && DecisionInputs.decode(bytes);
}

/** What was sealed under `id`; undefined where there is nothing or it was erased. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
export function openBytesIfThere(ring: KeyRing, { tenant, profileId }: InputsOf, id: string, sealed: Sealed | undefined): Uint8Array | undefined {
  try {
    return sealed && ring.open(sealed, { tenant, subject: profileId, id });
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}

/** SHA-256 in base64url, for ids. */
export const idHash = (text: string): string => createHash('sha256').update(text).digest('base64url');
