import type { LogIdentity, LogRecord } from '@attune/event-log/port';
import { hash32 } from '@attune/kernel/hash';

/** Up to where a partition is folded, and enough of the last folded record to know it again. */
export interface FoldedUpTo {
  /** Which log the positions belong to: its id and partition count. */
  readonly log: string;
  /** Offset of the next record to fold; 0 at first. */
  readonly nextOffset: number;
  /** When the log appended the last folded record, in ms since 1970. */
  readonly appendedAtMs: number;
  /** `hash32` of the last folded record's key. */
  readonly keyHash: number;
}

const text = new TextEncoder();
const plain = new TextDecoder();
const VERSION_LENGTH = '1 '.length;
const DIGIT_0 = '0'.charCodeAt(0);

export const logName = (identity: LogIdentity): string => `${identity.logId}/${identity.partitions}`;

export const afterRecord = (log: string, record: LogRecord): FoldedUpTo => ({
  log,
  nextOffset: record.offset + 1,
  appendedAtMs: record.appendedAtMs,
  keyHash: hash32(record.key),
});

/** The watermark's bytes: equal for equal positions, so a store can compare them. */
export const encodeWatermark = (at: FoldedUpTo): Uint8Array => text.encode(`1 ${at.nextOffset} ${at.appendedAtMs} ${at.keyHash} ${at.log}`);

/** Undefined for an empty watermark: nothing was folded yet. */
export function decodeWatermark(bytes: Uint8Array): FoldedUpTo | undefined {
  if (bytes.length === 0) return undefined;
  const [, nextOffset, appendedAtMs, keyHash, ...log] = plain.decode(bytes).split(' ');
  return { log: log.join(' '), nextOffset: Number(nextOffset), appendedAtMs: Number(appendedAtMs), keyHash: Number(keyHash) };
}

/** The `nextOffset` of a watermark alone, for readers of states: 0 where nothing was folded yet. */
export function nextOffsetIn(bytes: Uint8Array): number {
  let offset = 0;
  for (let i = VERSION_LENGTH; i < bytes.length; i++) {
    const digit = (bytes[i] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    offset = 10 * offset + digit;
  }
  return offset;
}

/** Whether two watermarks are the same, byte by byte. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
