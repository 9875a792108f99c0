import { StateReader, StateWriter } from './state-bytes.ts';

/** How many events there were, and the first and last moment: all that is known of their rhythm without keeping them. */
export interface Span {
  readonly events: number;
  /** Meaningless, and 0, without events. */
  readonly oldestMs: number;
  readonly newestMs: number;
}

export const emptySpan: Span = { events: 0, oldestMs: 0, newestMs: 0 };

/** The span of one event. */
export const momentSpan = (atMs: number): Span => ({ events: 1, oldestMs: atMs, newestMs: atMs });

/** The span of both histories together. */
export function mergeSpans(a: Span, b: Span): Span {
  if (a.events === 0 || b.events === 0) return a.events === 0 ? b : a;
  return { events: a.events + b.events, oldestMs: Math.min(a.oldestMs, b.oldestMs), newestMs: Math.max(a.newestMs, b.newestMs) };
}

export const encodeSpan = (span: Span, version: number): Uint8Array =>
  new StateWriter(version).whole(span.events).whole(span.oldestMs).whole(span.newestMs).done();

export function decodeSpan(bytes: Uint8Array, version: number): Span {
  const reader = new StateReader(bytes, version);
  return { events: reader.whole(), oldestMs: reader.whole(), newestMs: reader.whole() };
}
