import type { Fault } from './fault.ts';

/** Turns a date's text into ms since 1970; NaN where it is none. */
export type ParseTime = (text: string) => number;

const YEAR_2000_MS = 946_684_800_000;
const DAY_MS = 86_400_000;

/** When a call's event happened, in ms since 1970: the sender's time, shifted by how far its clock is off (`sentAt` against arrival), as Segment does it. */
export function happenedAtMs(body: Readonly<Record<string, unknown>>, receivedAtMs: number, parseTime: ParseTime): number | Fault {
  const given = timeOf(body['timestamp'] ?? body['originalTimestamp'], parseTime);
  const sent = timeOf(body['sentAt'], parseTime);
  if (Number.isNaN(given)) return { code: 'TIMESTAMP_INVALID', field: 'timestamp' };
  if (Number.isNaN(sent)) return { code: 'TIMESTAMP_INVALID', field: 'sentAt' };
  if (given === undefined) return receivedAtMs;
  const timestampMs = sent === undefined ? given : given + receivedAtMs - sent;
  if (timestampMs < YEAR_2000_MS || timestampMs > receivedAtMs + DAY_MS) return { code: 'TIMESTAMP_OUT_OF_RANGE', field: 'timestamp' };
  return timestampMs;
}

/** Whole ms since 1970 of a number or a date's text; undefined where nothing is given, NaN where it is no time. */
export function timeOf(value: unknown, parseTime: ParseTime): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.NaN;
  return typeof value === 'string' ? parseTime(value) : Number.NaN;
}
