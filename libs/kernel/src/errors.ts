/**
 * Every code that Attune answers with, in one table: the same word is the verdict at the door, the header of a rejected record,
 * the `reason` of `google.rpc.ErrorInfo`, the metric label and the anchor in `docs/errors.md`.
 */
export interface ErrorEntry {
  /** One sentence: what happened. */
  readonly what: string;
  /** One sentence: what the reader can do about it. */
  readonly fix: string;
  /** True when the same call may succeed later without a change. */
  readonly retriable: boolean;
  /** gRPC status code (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
  readonly grpc: number;
  readonly http: number;
  readonly level: 'info' | 'warn' | 'error';
}

const rejected = (what: string, fix: string): ErrorEntry => ({ what, fix, retriable: false, grpc: 3, http: 400, level: 'info' });
const unavailable = (what: string, fix: string): ErrorEntry => ({ what, fix, retriable: true, grpc: 14, http: 503, level: 'warn' });
const stopped = (what: string, fix: string): ErrorEntry => ({ what, fix, retriable: false, grpc: 9, http: 500, level: 'error' });

export const errorTable = {
  EVENT_MALFORMED: rejected(
    'The event is not a JSON object in the shape of a tracking call.',
    'Send one JSON object with type, userId or anonymousId, and for track an event name.',
  ),
  EVENT_TOO_LARGE: { ...rejected('The event is larger than 32 KiB.', 'Send less in one event, or split it.'), http: 413 },
  EVENT_TOO_DEEP: rejected('The event nests deeper than 16 levels.', 'Flatten the properties.'),
  EVENT_TOO_MANY_KEYS: rejected('An object or list of the event has more entries than allowed (objects: 200).', 'Send fewer, or split the event.'),
  STRING_TOO_LONG: rejected('A text of the event is longer than 8 KiB.', 'Shorten it, or send a reference instead.'),
  KEY_FORBIDDEN: rejected('A key of the event is __proto__, constructor or prototype.', 'Rename the key.'),
  NUMBER_NOT_FINITE: rejected('A number of the event is not finite.', 'Send a finite number or leave the field out.'),
  BATCH_MALFORMED: rejected('The batch is not an object with a list named batch.', 'Send {"batch": [ … ]}.'),
  BATCH_TOO_LARGE: { ...rejected('The batch is larger than 500 KiB or has more than 2,500 events.', 'Send several smaller batches.'), http: 413 },
  BODY_UNREADABLE: rejected('The body is not JSON in UTF-8, or its compression is broken.', 'Send JSON in UTF-8; gzip is accepted.'),
  IDENTIFIER_MISSING: rejected('Neither userId nor anonymousId is given.', 'Name the customer by userId or anonymousId.'),
  IDENTIFIER_JUNK: rejected(
    'The identifier is a placeholder such as guest, null or 0.',
    "Send the customer's own identifier, or leave it out and send anonymousId.",
  ),
  IDENTIFIER_INVALID: rejected('The identifier is too long or contains control characters.', 'Use at most 256 printable characters.'),
  IDENTIFIER_SHARED: rejected(
    'The anonymous identifier was seen with too many customers, or handed on between them too often: it is quarantined, and from here on joined to none of them.',
    'Give the device a new anonymous identifier when a customer signs out. `attune identity allow` lets it be joined again.',
  ),
  LINKS_TOO_MANY: rejected(
    'The customer was seen with more than 32 anonymous identifiers within a day, which quarantines the customer, or 255 in all: events count, but no further identifier is joined.',
    'Keep the anonymous identifier of a device instead of making a new one for each visit. `attune identity allow` lets a quarantined customer be joined again.',
  ),
  EVENT_NAME_MISSING: rejected('A track call has no event name.', 'Set event to the name of what happened.'),
  EVENT_UNDECLARED: rejected('The configuration declares no event of this name.', 'Declare it under events, or set unknown_events: keep.'),
  EVENT_RESERVED: rejected("The event name belongs to Attune's own facts.", 'Use another name.'),
  FIELD_MISSING: rejected('A required field of the event is missing.', 'Send the field that the answer names.'),
  FIELD_INVALID: rejected('A field of the event has a wrong type or is out of its bounds.', 'Send the field as its contract declares it.'),
  TIMESTAMP_INVALID: rejected('The timestamp is not a date in ISO 8601 or milliseconds since 1970.', 'Send an ISO 8601 timestamp or leave it out.'),
  TIMESTAMP_OUT_OF_RANGE: rejected(
    'The timestamp lies before 2000 or more than one day in the future.',
    "Check the sender's clock; leave timestamp out to use the time of arrival.",
  ),
  WRITE_KEY_UNKNOWN: {
    ...rejected('The write key is missing or unknown.', 'Send the write key as the user name of HTTP Basic authentication; the demo key is demo.'),
    grpc: 16,
    http: 401,
  },
  INBOX_TOKEN_INVALID: {
    ...rejected('The token of the inbox is missing, has expired or was not made here.', 'Ask NotificationService.OpenInbox for a new one.'),
    grpc: 16,
    http: 401,
  },
  SUBJECT_UNKNOWN: {
    ...rejected('No profile is known under this identifier.', 'Send an event of this customer first, or check the identifier.'),
    grpc: 5,
    http: 404,
  },
  REQUEST_INVALID: rejected('The request lacks a field or a field is out of its bounds.', 'Correct the field that the answer names.'),
  METHOD_UNKNOWN: { ...rejected('There is no such path or method.', 'See Topics and calls in ARCHITECTURE.md.'), grpc: 12, http: 404 },
  DECISION_UNKNOWN: {
    ...rejected('No decision is known under this id.', 'Check the id; a decision appears when its profile has been folded.'),
    grpc: 5,
    http: 404,
  },
  REJECT_UNKNOWN: {
    ...rejected(
      'No rejected event is kept under this id, or none that can be sent again.',
      'List them again; they are kept for 72 hours, without what was above 32 KiB.',
    ),
    grpc: 5,
    http: 404,
  },
  CONFIGURATION_INVALID: stopped('The configuration has a fault.', 'Run attune check; it names file, line, fault and fix.'),
  SETTING_UNKNOWN: stopped('An environment variable begins with ATTUNE_ and is not known.', 'Correct the name as the message suggests, or remove it.'),
  SETTING_INVALID: stopped('A setting has a value out of its bounds.', 'Correct the value as the message says.'),
  PORT_TAKEN: stopped('Another program listens on the port.', 'Stop it, or choose the port that the message names.'),
  DATA_FOLDER_LOCKED: stopped('Another Attune process uses the data folder.', 'Stop it, or give this one another ATTUNE_DATA_DIR.'),
  LOG_UNAVAILABLE: unavailable('The event log does not answer.', 'Nothing acknowledged is lost; try again.'),
  LOG_IDENTITY_CHANGED: stopped(
    'The log is another one than the store was made from: its id or partition count differs.',
    'Point to the log of before, or give the processor an empty store to rebuild from this log.',
  ),
  LOG_END_BELOW_WATERMARK: stopped(
    'The log ends before the position up to which it was folded: it was cut or replaced.',
    'Restore the log, or give the processor an empty store to rebuild from what is left.',
  ),
  LOG_START_ABOVE_WATERMARK: stopped(
    'The log no longer holds records that were not folded yet.',
    'Restore the records, or put a snapshot that reaches to the start of the log into ATTUNE_SNAPSHOTS_DIR.',
  ),
  LOG_REPLACED: stopped(
    'The last folded record of the log is another one than was folded: the topic was deleted and made again.',
    'Restore the topic, or give the processor an empty store to rebuild from this one.',
  ),
  SNAPSHOT_DAMAGED: stopped(
    'A snapshot is not as it was written.',
    'Remove the manifest that the message names, or all that name the chunk: the snapshot before it is taken, or else the log from its beginning.',
  ),
  STORE_UNAVAILABLE: unavailable('The state store does not answer.', 'The partition waits and goes on by itself.'),
  STORE_FULL: unavailable('The state store refuses to write because its memory is full.', 'Give it more memory; the partition waits and goes on by itself.'),
  STATE_UNREADABLE: stopped(
    'A state in the store is cut, or of a version that this program does not read.',
    'Run the version that wrote it, or delete the states of that partition: they are folded anew from the log.',
  ),
  OUTBOX_FULL: unavailable('Emissions wait to be published; folding pauses until they are.', 'Check the log; the partition goes on by itself.'),
  RECORD_SKIPPED: { ...stopped('A record could not be folded and was set aside.', 'Mend the cause and append the record again.'), level: 'error' },
  ERASED: { ...rejected('The personal data of this customer were erased.', 'Nothing: they cannot be brought back.'), grpc: 5, http: 410 },
  KEY_UNAVAILABLE: unavailable('The key that opens this value cannot be had.', 'Try again; if it stays, check the key store and the tenant key.'),
  TEMPLATE_INVALID: stopped('A message template does not parse or does not render.', 'Correct the template at the line that the message names.'),
  TEMPLATE_TOO_SLOW: stopped('A message template took too long to render.', 'Remove the loop; a template may render for at most 200 ms.'),
  DEADLINE_EXCEEDED: { ...unavailable('The call took longer than its deadline.', 'Try again, or give it more time.'), grpc: 4, http: 504 },
  OVERLOADED: { ...unavailable('Too much work is waiting.', 'Send less, and try again after the time given.'), grpc: 8, http: 429 },
  SERVICE_UNAVAILABLE: unavailable('Another service of Attune does not answer.', 'Try again; if it stays, look at that service.'),
  INTERNAL: { ...stopped('Something broke inside Attune.', 'See the log of the service at the time of the call.'), grpc: 13 },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** A broken thing with a code of the table. `detail` says where and what, and never holds personal data. `cause` is for the log only. */
export class AttuneError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  constructor(code: ErrorCode, detail = '', cause?: unknown) {
    super(detail === '' ? `${code}: ${errorTable[code].what}` : `${code}: ${errorTable[code].what} ${detail}`, { cause });
    this.name = 'AttuneError';
    this.code = code;
    this.detail = detail;
  }
}

/** The table's code of any thrown thing; what is not an AttuneError is INTERNAL. */
export const codeOf = (fault: unknown): ErrorCode => (fault instanceof AttuneError ? fault.code : 'INTERNAL');
