import { boundsFault } from './bounds.ts';
import { contractFault } from './check-contract.ts';
import type { EventContract } from './event-contract.ts';
import type { Fault } from './fault.ts';
import { happenedAtMs, type ParseTime } from './happened-at.ts';
import { alsoKnownBy, IDENTIFIER_CHARACTERS_MAX, type Identifier, identifierOf, junkBeside } from './identifier-of.ts';
import { type SplitFields, splitFields } from './split-fields.ts';
import { hasControl } from './text.ts';

/** Segment's kinds of tracking call. */
export type CallType = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';

/** An event that the door let in; times in ms since 1970, corrected for the sender's clock. Its fields are properties, or the traits of an identify call. */
export interface AdmittedEvent extends SplitFields {
  readonly messageId: string;
  readonly type: CallType;
  /** The name of a track call; empty otherwise. */
  readonly name: string;
  readonly identifier: Identifier;
  /** Anonymous identifiers of the same customer, where that is known by a userId. */
  readonly alsoKnownBy: readonly string[];
  /** How many placeholders stood beside the userId: they join nobody. */
  readonly junk: number;
  readonly timestampMs: number;
  readonly receivedAtMs: number;
  readonly source: string;
}

/** Yes, or why not. */
export type Verdict = { readonly kind: 'accepted'; readonly event: AdmittedEvent } | ({ readonly kind: 'rejected' } & Fault);

/** What the door knows besides the body. */
export interface Arrival {
  readonly receivedAtMs: number;
  /** When it reached Attune: the sender's clock is judged by it, and an event without a time happened then. */
  readonly arrivedAtMs: number;
  /** Used where the sender gave no messageId. */
  readonly freshId: string;
  /** The kind that the path names; the body's own `type` counts where the path names none. */
  readonly type?: CallType;
  /** Size of the event as it came; absent where whoever read it has bounded it. */
  readonly bytes?: number;
  readonly parseTime: ParseTime;
  readonly contract: EventContract;
  /** The authenticated sender: `app`, or `attune` for its own facts. */
  readonly source: string;
}

/** One event may have so many bytes of JSON. */
export const EVENT_BYTES_MAX = 32 * 1024;
const TYPES: readonly string[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const NAME_CHARACTERS_MAX = 200;

/** Says yes to a tracking call, or why not: code and field of the first fault found. Reads nothing but its arguments. */
export function admitEvent(body: unknown, arrival: Arrival): Verdict {
  const { receivedAtMs, contract, source, parseTime } = arrival;
  if ((arrival.bytes ?? 0) > EVENT_BYTES_MAX) return rejected('EVENT_TOO_LARGE', '');
  if (!isObject(body)) return rejected('EVENT_MALFORMED', '');
  const outOfBounds = boundsFault(body);
  if (outOfBounds) return rejected(outOfBounds.code, outOfBounds.field);
  const type = arrival.type ?? body['type'];
  if (!isCallType(type)) return rejected('EVENT_MALFORMED', 'type');
  const name = type === 'track' ? body['event'] : '';
  if (type === 'track' && (typeof name !== 'string' || name.trim() === '')) return rejected('EVENT_NAME_MISSING', 'event');
  if (typeof name !== 'string' || name.length > NAME_CHARACTERS_MAX || hasControl(name)) return rejected('FIELD_INVALID', 'event');
  const identifier = identifierOf(body);
  if ('code' in identifier) return rejected(identifier.code, identifier.field);
  const messageId = body['messageId'] ?? arrival.freshId;
  if (typeof messageId !== 'string' || messageId === '' || messageId.length > IDENTIFIER_CHARACTERS_MAX || hasControl(messageId))
    return rejected('FIELD_INVALID', 'messageId');
  const timestampMs = happenedAtMs(body, arrival.arrivedAtMs, parseTime);
  if (typeof timestampMs !== 'number') return rejected(timestampMs.code, timestampMs.field);
  const told = fieldsAs(type, body);
  if (!isObject(told.fields)) return rejected('FIELD_INVALID', told.from);
  const call = { type, name, fields: told.fields, source };
  const broken = contractFault(call, contract, parseTime);
  if (broken) return rejected(broken.code, broken.field);
  const named = { ...body, type };
  const beside = { alsoKnownBy: alsoKnownBy(named, identifier), junk: junkBeside(named, identifier) };
  return { kind: 'accepted', event: { messageId, type, name, identifier, ...beside, timestampMs, receivedAtMs, source, ...splitFields(call, contract) } };
}

const rejected = (code: Fault['code'], field: string): Verdict => ({ kind: 'rejected', code, field });
const isCallType = (type: unknown): type is CallType => typeof type === 'string' && TYPES.includes(type);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where a call of that type carries its fields. Segment's own clients send those of a group as traits. */
function fieldsAs(type: CallType, body: Readonly<Record<string, unknown>>): { readonly from: string; readonly fields: unknown } {
  if (type === 'alias') return { from: '', fields: {} };
  const asTraits = type === 'identify' || (type === 'group' && (body['properties'] ?? undefined) === undefined);
  const from = asTraits ? 'traits' : 'properties';
  return { from, fields: body[from] ?? {} };
}
