import { type FeatureEvent, type FeatureReading, missing, NUMBER_MAX, type PlainValue, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

/** A field as one event carried it. */
export interface Sight {
  readonly atMs: number;
  readonly messageId: string;
  readonly value: PlainValue;
}

/** A longer text, in UTF-16 units, is passed over by kinds that keep one: a state is no place for documents. */
export const TEXT_MAX = 512;
/** The bytes of a sight at most. The door lets message ids of 256 characters through, three bytes each; a character of a text may be an escape of six letters, two bytes each. */
export const SIGHT_BYTES_MAX = 20 + 3 * 256 + 12 * TEXT_MAX;

/** What a kind may keep of a field: truth, a number up to NUMBER_MAX, a text of at most `charactersMax`; undefined for all else. */
export function keptValue(value: unknown, charactersMax: number): PlainValue | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length <= charactersMax ? value : undefined;
  return typeof value === 'number' && Math.abs(value) <= NUMBER_MAX ? value || 0 : undefined; // -0 has no text of its own
}

/** The field of an event; undefined where it is absent or cannot be kept. */
export function sightOf({ timestampMs: atMs, messageId, fields }: FeatureEvent, field: string | undefined): Sight | undefined {
  const value = field === undefined ? undefined : keptValue(fields[field], TEXT_MAX);
  return value === undefined ? undefined : { atMs, messageId, value };
}

/** The newer of two; of one moment the one with the greater messageId, then the greater value, so that order cannot matter. */
export function newerSight(a: Sight | undefined, b: Sight | undefined): Sight | undefined {
  if (!a || !b) return a ?? b;
  return isNewer(a, b) ? a : b;
}

/** The older of two: the one that `newerSight` does not answer. */
export function olderSight(a: Sight | undefined, b: Sight | undefined): Sight | undefined {
  if (!a || !b) return a ?? b;
  return isNewer(a, b) ? b : a;
}

export const readSight = (state: Sight | undefined): FeatureReading => (state ? present(state.value) : missing);

export function encodeSight(state: Sight | undefined, version: number): Uint8Array {
  const writer = new StateWriter(version).whole(state ? 1 : 0);
  if (state) writer.whole(state.atMs).text(state.messageId).text(JSON.stringify(state.value));
  return writer.done();
}

export function decodeSight(bytes: Uint8Array, version: number): Sight | undefined {
  const reader = new StateReader(bytes, version);
  return reader.whole() === 0 ? undefined : { atMs: reader.whole(), messageId: reader.text(), value: JSON.parse(reader.text()) };
}

function isNewer(a: Sight, b: Sight): boolean {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs;
  if (a.messageId !== b.messageId) return a.messageId > b.messageId;
  return JSON.stringify(a.value) >= JSON.stringify(b.value);
}
