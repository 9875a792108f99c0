import type { CustomerEvent, Sealed } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { codeOf, type ErrorCode } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';

/**
 * The event with its personal fields under the key of its profile instead of that of the day. They are left out where they cannot be
 * opened any more (the key of the day was destroyed, the envelope is broken) or the profile was erased.
 * @throws AttuneError KEY_UNAVAILABLE when the profile's key is not held
 */
export function resealed(ring: KeyRing, { tenant, key }: LogRecord, profileId: string, { sealed, ...event }: CustomerEvent): CustomerEvent {
  const id = event.messageId;
  const plain = sealed && unless(['ERASED', 'KEY_UNAVAILABLE'], () => ring.open(sealed, { tenant, subject: key, id }));
  const anew: Sealed | undefined = plain && unless(['ERASED'], () => ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, plain));
  return anew ? { ...event, sealed: anew } : event;
}

function unless<T>(codes: readonly ErrorCode[], work: () => T): T | undefined {
  try {
    return work();
  } catch (fault) {
    if (codes.includes(codeOf(fault))) return undefined;
    throw fault;
  }
}
