import type { CustomerEvent } from '@attune/contracts/messages/log/v1/log';
import { AttuneError } from '@attune/kernel/errors';
import type { EnvelopeOf, KeyRing } from '@attune/sealing/key-ring';
import { jsonFields, type WantedFields } from '../domain/json-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What to read of an event, and where it is bound to. */
export interface FieldsWanted {
  readonly event: CustomerEvent;
  /** Fields that the fold reads: the envelope stays closed when all of them are open. */
  readonly wanted: WantedFields | undefined;
  readonly tenant: string;
  readonly profileId: string;
}

const none: Fields = {};
const text = new TextDecoder();

/** The wanted fields of an event, the sealed ones among them; without those once the key is destroyed. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
export function fieldsOfEvent(ring: KeyRing, { event, wanted, tenant, profileId }: FieldsWanted): Fields {
  if (wanted === undefined || wanted.names.length === 0) return none;
  const open = event.openJson === '' ? none : jsonFields(event.openJson, wanted);
  if (event.sealed === undefined || wanted.names.every((name) => Object.hasOwn(open, name))) return open;
  const sealed = opened(ring, event.sealed, { bound: { tenant, subject: profileId, id: event.messageId }, wanted });
  return { ...sealed, ...open };
}

interface Opening {
  readonly bound: EnvelopeOf;
  readonly wanted: WantedFields;
}

function opened(ring: KeyRing, sealed: NonNullable<CustomerEvent['sealed']>, { bound, wanted }: Opening): Fields {
  try {
    const { fields } = jsonFields(text.decode(ring.open(sealed, bound)), { names: ['fields'], within: [wanted] });
    return isObject(fields) ? fields : none;
  } catch (fault) {
    if (fault instanceof AttuneError && fault.code === 'ERASED') return none;
    throw fault;
  }
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
