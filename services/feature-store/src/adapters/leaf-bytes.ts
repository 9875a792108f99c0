import { kindOf } from '../domain/active-feature.ts';
import type { PlainValue } from '../domain/features/feature-kind.ts';
import type { FeatureCell, Leaf, Said, Trait } from '../domain/profile.ts';
import { type BytesReader, BytesWriter } from './profile-bytes.ts';
import type { CellOf } from './stored-cell.ts';

/** Which values are read, and what becomes of a feature. */
export interface ReadingValues {
  readonly personal: boolean;
  readonly cellOf: CellOf;
}

/** Which values are written. */
export interface WritingValues {
  readonly personal: boolean;
  readonly places?: number[] | undefined;
}

/** The same map with its entries by name: equal maps give equal bytes. Once in order it stays so until something new is set. */
export function sorted<T>(entries: Map<string, T>): Map<string, T> {
  let before = '';
  for (const name of entries.keys()) {
    if (name < before) return resorted(entries);
    before = name;
  }
  return entries;
}

function resorted<T>(entries: Map<string, T>): Map<string, T> {
  const all = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  entries.clear();
  for (const [name, one] of all) entries.set(name, one);
  return entries;
}

/** Appends the features and traits of a leaf that are personal, or those that are not; notes in `places` where each feature's state begins and ends. */
export function writeValues(writer: BytesWriter, { features, traits }: Leaf, { personal, places }: WritingValues): void {
  writer.whole(countOf(features, personal));
  for (const [name, cell] of sorted(features)) if (cell.personal === personal) writeCell(writer.raw(headOf(name, cell)), cell, places);
  writer.whole(countOf(traits, personal));
  for (const [name, trait] of sorted(traits)) if (trait.personal === personal) writeTrait(writer, name, trait);
}

function countOf(entries: ReadonlyMap<string, { readonly personal: boolean }>, personal: boolean): number {
  let count = 0;
  for (const one of entries.values()) if (one.personal === personal) count++;
  return count;
}

function writeCell(writer: BytesWriter, { kind, state, newestMs, bytes, from, to }: FeatureCell, places: number[] | undefined): void {
  writer.whole(newestMs);
  const length = bytes ? to - from : writeState(writer, kind.encode(state));
  if (bytes) writer.part(bytes, from, to);
  places?.push(writer.at - length, writer.at);
}

function writeState(writer: BytesWriter, state: Uint8Array): number {
  writer.bytes(state);
  return state.length;
}

/** Lets what was written stand for the states of all features that are not personal, in the order in which they were written: the next writing copies what did not change. */
export function pointTo(leaf: Leaf, bytes: Uint8Array, { places, first }: { readonly places: readonly number[]; readonly first: number }): number {
  let at = first;
  for (const cell of leaf.features.values()) {
    if (cell.personal) continue;
    cell.bytes = bytes;
    cell.from = places[at++] ?? 0;
    cell.to = places[at++] ?? 0;
  }
  return at;
}

function writeTrait(writer: BytesWriter, name: string, { value, timestampMs, messageId }: Trait): void {
  writeValue(writer.text(name).whole(timestampMs).text(messageId), value);
}

interface Head {
  readonly keyword: string;
  readonly signature: number;
  readonly bytes: Uint8Array;
}

/** What each profile writes of a feature, whatever its state, by name: all have the same, but while a configuration changes. */
const heads = new Map<string, Head>();
const HEADS_MAX = 4_096;

function headOf(name: string, { kind, signature }: FeatureCell): Uint8Array {
  const { keyword } = kind.spec;
  const known = heads.get(name);
  if (known?.signature === signature && known.keyword === keyword) return known.bytes;
  const bytes = new BytesWriter().text(name).text(keyword).whole(signature).done();
  if (heads.size >= HEADS_MAX) heads.clear();
  heads.set(name, { keyword, signature, bytes });
  return bytes;
}

/** Puts what `writeValues` wrote into a leaf. */
export function readValues(reader: BytesReader, leaf: Leaf, { personal, cellOf }: ReadingValues): void {
  for (let left = reader.whole(); left > 0; left--) {
    const name = reader.text();
    const kind = kindOf(reader.text());
    const [signature, newestMs] = [reader.whole(), reader.whole()];
    const { from, to } = reader.past();
    // This version may lack the kind: the next fold under the configuration starts it empty.
    if (kind) leaf.features.set(name, cellOf({ kind, signature, personal, newestMs, bytes: reader.all, from, to }));
  }
  for (const [name, trait] of reader.list(() => readTrait(reader, personal))) leaf.traits.set(name, trait);
}

/** Appends the open parts of a leaf: accepted offsets, consent, and what is not personal. */
export function writeLeaf(writer: BytesWriter, leaf: Leaf, places?: number[]): void {
  writeAccepted(writer, leaf.accepted);
  writer.whole(leaf.consent.size);
  for (const [purpose, { granted, receivedAtMs }] of sorted(leaf.consent))
    writer
      .text(purpose)
      .whole(granted ? 1 : 0)
      .whole(receivedAtMs);
  writeValues(writer, leaf, { personal: false, places });
}

/** Puts what `writeLeaf` wrote into an empty leaf. */
export function readLeaf(reader: BytesReader, leaf: Leaf, cellOf: CellOf): void {
  for (const [partition, offset] of readAccepted(reader)) leaf.accepted.set(partition, offset);
  const said = reader.list((): [string, Said] => [reader.text(), { granted: reader.whole() === 1, receivedAtMs: reader.whole() }]);
  for (const [purpose, word] of said) leaf.consent.set(purpose, word);
  readValues(reader, leaf, { personal: false, cellOf });
}

/** Appends accepted offsets by partition. */
export function writeAccepted(writer: BytesWriter, accepted: ReadonlyMap<number, number>): BytesWriter {
  writer.whole(accepted.size);
  const offsets = accepted.size < 2 ? accepted : [...accepted].toSorted(([a], [b]) => a - b);
  for (const [partition, offset] of offsets) writer.whole(partition).whole(offset);
  return writer;
}

/** What `writeAccepted` wrote. */
export const readAccepted = (reader: BytesReader): ReadonlyMap<number, number> =>
  new Map(reader.list((): [number, number] => [reader.whole(), reader.whole()]));

function readTrait(reader: BytesReader, personal: boolean): [string, Trait] {
  const [name, timestampMs, messageId] = [reader.text(), reader.whole(), reader.text()];
  return [name, { value: readValue(reader), timestampMs, messageId, personal }];
}

const [TEXT, NUMBER, TRUE, FALSE] = [0, 1, 2, 3] as const;

function writeValue(writer: BytesWriter, value: PlainValue): void {
  if (typeof value === 'string') writer.whole(TEXT).text(value);
  else if (typeof value === 'number') writer.whole(NUMBER).double(value);
  else writer.whole(value ? TRUE : FALSE);
}

function readValue(reader: BytesReader): PlainValue {
  const tag = reader.whole();
  if (tag === TEXT) return reader.text();
  return tag === NUMBER ? reader.double() : tag === TRUE;
}
