import { type FeatureEvent, type FeatureReading, NUMBER_MAX, present } from './feature-kind.ts';
import { type RecentValues, readValues, writeValues } from './recent-values.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

/** A longer text, in UTF-16 units, has no place in a list. */
export const LISTED_TEXT_MAX = 64;
/** The bytes of a value at most: what it is, the length, three for each unit. */
export const LISTED_BYTES_MAX = 3 + 3 * LISTED_TEXT_MAX;
/** So many values are answered where a feature does not say. */
export const K_DEFAULT = 10;

/** Texts and numbers with their moments. */
export type Listed = RecentValues<string | number>;

/** The value of a field with the moment of its event; empty where it is absent, or no text or number that can be listed. */
export function listedOf({ timestampMs: atMs, fields }: FeatureEvent, field: string | undefined): Listed {
  const value = field === undefined ? undefined : fields[field];
  if (typeof value === 'string') return value.length <= LISTED_TEXT_MAX ? [{ atMs, value }] : [];
  return typeof value === 'number' && Math.abs(value) <= NUMBER_MAX ? [{ atMs, value: value || 0 }] : [];
}

/** The values without their moments. */
export function listRead(list: Listed): FeatureReading {
  return present(list.map(({ value }) => value) as readonly string[] | readonly number[]);
}

export function encodeListed(list: Listed, version: number): Uint8Array {
  const writer = new StateWriter(version);
  writeValues(writer, list, (value) => (typeof value === 'number' ? writer.whole(0).double(value) : writer.whole(1).text(value)));
  return writer.done();
}

export function decodeListed(bytes: Uint8Array, version: number): Listed {
  const reader = new StateReader(bytes, version);
  return readValues(reader, () => (reader.whole() === 0 ? reader.double() : reader.text()));
}
