import type { CustomerEvent } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import type { EnvelopeOf, KeyRing } from '@attune/sealing/key-ring';

type Fields = Readonly<Record<string, unknown>>;

/** What to read of an event, and where it is bound to. */
export interface FieldsWanted {
  readonly event: CustomerEvent;
  /** Its open fields, as far as they are wanted. */
  readonly openJson: string;
  /** Fields that the fold reads: the envelope stays closed when all of them are open. */
  readonly wanted: Iterable<string>;
  readonly tenant: string;
  readonly profileId: string;
}

const none: Fields = {};
const text = new TextDecoder();

/** The open fields of an event, with the sealed ones where they are wanted; without those once the key is destroyed. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
export function fieldsOfEvent(ring: KeyRing, { event, openJson, wanted, tenant, profileId }: FieldsWanted): Fields {
  const names = [...wanted];
  if (names.length === 0) return none;
  const open = openJson === '' ? none : objectOf(openJson);
  if (event.sealed === undefined || names.every((name) => Object.hasOwn(open, name))) return open;
  const sealed = opened(ring, event.sealed, { tenant, subject: profileId, id: event.messageId });
  return { ...sealed, ...open };
}

function opened(ring: KeyRing, sealed: NonNullable<CustomerEvent['sealed']>, bound: EnvelopeOf): Fields {
  try {
    const { fields } = objectOf(text.decode(ring.open(sealed, bound)));
    return isObject(fields) ? fields : none;
  } catch (fault) {
    if (fault instanceof AttuneError && fault.code === 'ERASED') return none;
    throw fault;
  }
}

function objectOf(json: string): Fields {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : none;
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
