import type { ErrorCode } from '@attune/kernel/errors';
import { boundsFault } from './bounds.ts';

/** Segment's kinds of tracking call. */
export type CallType = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';

/** An event that the door let in; times in ms since 1970, corrected for the sender's clock. */
export interface AdmittedEvent {
  readonly messageId: string;
  readonly type: CallType;
  /** The name of a track call; empty otherwise. */
  readonly name: string;
  readonly identifier: { readonly kind: 'user' | 'anonymous'; readonly value: string };
  readonly timestampMs: number;
  readonly receivedAtMs: number;
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly event: AdmittedEvent }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly field: string };

/** What the door knows besides the body. */
export interface Arrival {
  readonly receivedAtMs: number;
  /** Used where the sender gave no messageId. */
  readonly freshId: string;
  /** The kind that the path names; the body's own `type` counts where the path names none. */
  readonly type?: CallType;
  /** Turns a date's text into ms since 1970; NaN where it is none. */
  readonly parseTime: (text: string) => number;
}

const TYPES: readonly string[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const JUNK: readonly string[] = ['', 'null', '0', 'guest', 'undefined', 'none', 'nil', 'nan', 'anonymous', '[object object]'];
const YEAR_2000_MS = 946_684_800_000;
const DAY_MS = 86_400_000;
const IDENTIFIER_CHARACTERS_MAX = 256;
const NAME_CHARACTERS_MAX = 200;

/** Says yes to a tracking call, or why not: code and field of the first fault found. Reads nothing but its arguments. */
export function admitEvent(body: unknown, arrival: Arrival): Verdict {
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
  const timestampMs = happenedAtMs(body, arrival);
  if (typeof timestampMs !== 'number') return rejected(timestampMs.code, timestampMs.field);
  return { kind: 'accepted', event: { messageId, type, name, identifier, timestampMs, receivedAtMs: arrival.receivedAtMs } };
}

interface Fault {
  readonly code: ErrorCode;
  readonly field: string;
}

const rejected = (code: ErrorCode, field: string): Verdict => ({ kind: 'rejected', code, field });
const isCallType = (type: unknown): type is CallType => typeof type === 'string' && TYPES.includes(type);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Control characters and line ends, which end up in headers and logs. */
const hasControl = (text: string): boolean => [...text].some((c) => (c.codePointAt(0) ?? 0) < 32 || c === '\u007f' || c === '\u2028' || c === '\u2029');

/** userId is stronger than anonymousId. Segment's clients send null for the one that they do not have. */
function identifierOf(body: Readonly<Record<string, unknown>>): AdmittedEvent['identifier'] | Fault {
  for (const [field, kind] of [
    ['userId', 'user'],
    ['anonymousId', 'anonymous'],
  ] as const) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number') return { code: 'IDENTIFIER_INVALID', field };
    const text = String(value);
    if (text.length > IDENTIFIER_CHARACTERS_MAX || hasControl(text)) return { code: 'IDENTIFIER_INVALID', field };
    if (JUNK.includes(text.trim().toLowerCase()) || /^[0-]+$/.test(text)) return { code: 'IDENTIFIER_JUNK', field };
    return { kind, value: text };
  }
  return { code: 'IDENTIFIER_MISSING', field: 'userId' };
}

/** The sender's time, shifted by how far its clock is off (`sentAt` against arrival), as Segment does it. */
function happenedAtMs(body: Readonly<Record<string, unknown>>, { receivedAtMs, parseTime }: Arrival): number | Fault {
  const given = timeOf(body['timestamp'] ?? body['originalTimestamp'], parseTime);
  const sent = timeOf(body['sentAt'], parseTime);
  if (Number.isNaN(given)) return { code: 'TIMESTAMP_INVALID', field: 'timestamp' };
  if (Number.isNaN(sent)) return { code: 'TIMESTAMP_INVALID', field: 'sentAt' };
  if (given === undefined) return receivedAtMs;
  const timestampMs = sent === undefined ? given : given + receivedAtMs - sent;
  if (timestampMs < YEAR_2000_MS || timestampMs > receivedAtMs + DAY_MS) return { code: 'TIMESTAMP_OUT_OF_RANGE', field: 'timestamp' };
  return timestampMs;
}

function timeOf(value: unknown, parseTime: Arrival['parseTime']): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.NaN;
  return typeof value === 'string' ? parseTime(value) : Number.NaN;
}
