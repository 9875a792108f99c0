import type { PlainValue } from '../domain/features/feature-kind.ts';
import type { FeatureCell, Leaf, Said, Trait } from '../domain/profile.ts';
import { type HeadBefore, headOf, readHead } from './feature-head.ts';
import type { BytesReader, BytesWriter } from './profile-bytes.ts';
import { StoredCell } from './stored-cell.ts';

/** Before the first feature of a leaf, of those that are personal and of those that are not. */
const firstHeads: readonly [HeadBefore, HeadBefore] = [{ next: undefined }, { next: undefined }];

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

/** Appends the features and traits of a leaf that are personal, or those that are not. */
export function writeValues(writer: BytesWriter, { features, traits }: Leaf, personal: boolean): void {
  writeFeatures(writer, features, personal);
  writer.whole(countOf(traits, personal));
  for (const [name, trait] of sorted(traits)) if (trait.personal === personal) writeTrait(writer, name, trait);
}

function countOf(entries: ReadonlyMap<string, { readonly personal: boolean }>, personal: boolean): number {
  let count = 0;
  for (const one of entries.values()) if (one.personal === personal) count++;
  return count;
}

/** Appends features; those that lie side by side as they were last read are copied in one go. */
function writeFeatures(writer: BytesWriter, features: Map<string, FeatureCell>, personal: boolean): void {
  writer.whole(countOf(features, personal));
  let run: Uint8Array | undefined;
  let [from, to] = [0, 0];
  for (const [name, cell] of sorted(features)) {
    if (cell.personal !== personal) continue;
    if (run !== undefined && run === cell.bytes && to === cell.from) {
      to = cell.to;
      continue;
    }
    if (run) writer.part(run, from, to);
    run = cell.bytes;
    from = cell.from;
    to = cell.to;
    if (!run) writeFeature(writer, name, cell);
  }
  if (run) writer.part(run, from, to);
}

function writeFeature(writer: BytesWriter, name: string, { kind, signature, newestMs, state }: FeatureCell): void {
  writer
    .raw(headOf(name, kind.spec.keyword, signature).bytes)
    .whole(newestMs)
    .bytes(kind.encode(state));
}

function writeTrait(writer: BytesWriter, name: string, { value, timestampMs, messageId }: Trait): void {
  writeValue(writer.text(name).whole(timestampMs).text(messageId), value);
}

/** Puts what `writeValues` wrote into a leaf. */
export function readValues(reader: BytesReader, leaf: Leaf, personal: boolean): void {
  let before: HeadBefore = firstHeads[personal ? 1 : 0];
  for (let left = reader.whole(); left > 0; left--) {
    const from = reader.at;
    const head = readHead(reader, before);
    if (head.kind) leaf.features.set(head.name, new StoredCell(head.kind, head, { reader, from, personal }));
    else pastValue(reader);
    before = head;
  }
  for (const [name, trait] of reader.list(() => readTrait(reader, personal))) leaf.traits.set(name, trait);
}

/** This version may lack the kind of a feature: the next fold under the configuration starts it empty. */
function pastValue(reader: BytesReader): void {
  reader.whole();
  reader.past();
}

/** Appends the open parts of a leaf: accepted offsets, consent, and what is not personal. */
export function writeLeaf(writer: BytesWriter, leaf: Leaf): void {
  writeAccepted(writer, leaf.accepted);
  writer.whole(leaf.consent.size);
  for (const [purpose, { granted, receivedAtMs }] of sorted(leaf.consent))
    writer
      .text(purpose)
      .whole(granted ? 1 : 0)
      .whole(receivedAtMs);
  writeValues(writer, leaf, false);
}

/** Puts what `writeLeaf` wrote into an empty leaf. */
export function readLeaf(reader: BytesReader, leaf: Leaf): void {
  for (const [partition, offset] of readAccepted(reader)) leaf.accepted.set(partition, offset);
  const said = reader.list((): [string, Said] => [reader.text(), { granted: reader.whole() === 1, receivedAtMs: reader.whole() }]);
  for (const [purpose, word] of said) leaf.consent.set(purpose, word);
  readValues(reader, leaf, false);
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
