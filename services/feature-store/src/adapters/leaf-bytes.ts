import { kindOf } from '../domain/active-feature.ts';
import type { PlainValue } from '../domain/features/feature-kind.ts';
import type { Leaf, Said, Trait } from '../domain/profile.ts';
import type { BytesReader, BytesWriter } from './profile-bytes.ts';
import type { CellOf } from './stored-cell.ts';

/** Which values are read, and what becomes of a feature. */
export interface ReadingValues {
  readonly personal: boolean;
  readonly cellOf: CellOf;
}

/** Entries of a map by name: equal maps give equal bytes. */
export const sorted = <T>(entries: ReadonlyMap<string, T>): readonly (readonly [string, T])[] => (entries.size < 2 ? [...entries] : [...entries].sort(byName));

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Appends the features and traits of a leaf that are personal, or those that are not. */
export function writeValues(writer: BytesWriter, leaf: Leaf, personal: boolean): void {
  const mine = <T extends { readonly personal: boolean }>(entries: ReadonlyMap<string, T>) => {
    const some: (readonly [string, T])[] = [];
    for (const entry of entries) if (entry[1].personal === personal) some.push(entry);
    return some.sort(byName);
  };
  writer.list(mine(leaf.features), ([name, cell]) => {
    cell.bytes ??= cell.kind.encode(cell.state);
    writer.text(name).text(cell.kind.spec.keyword).whole(cell.signature).whole(cell.newestMs).bytes(cell.bytes);
  });
  writer.list(mine(leaf.traits), ([name, { value, timestampMs, messageId }]) => {
    writeValue(writer.text(name).whole(timestampMs).text(messageId), value);
  });
}

/** Puts what `writeValues` wrote into a leaf. */
export function readValues(reader: BytesReader, leaf: Leaf, { personal, cellOf }: ReadingValues): void {
  for (let left = reader.whole(); left > 0; left--) {
    const name = reader.text();
    const kind = kindOf(reader.text());
    const cell = { signature: reader.whole(), newestMs: reader.whole(), bytes: reader.view() };
    // This version may lack the kind: the next fold under the configuration starts it empty.
    if (kind) leaf.features.set(name, cellOf({ ...cell, kind, personal }));
  }
  for (const [name, trait] of reader.list(() => readTrait(reader, personal))) leaf.traits.set(name, trait);
}

/** Appends the open parts of a leaf: accepted offsets, consent, and what is not personal. */
export function writeLeaf(writer: BytesWriter, leaf: Leaf): void {
  writeAccepted(writer, leaf.accepted);
  writer.list(sorted(leaf.consent), ([purpose, { granted, receivedAtMs }]) =>
    writer
      .text(purpose)
      .whole(granted ? 1 : 0)
      .whole(receivedAtMs),
  );
  writeValues(writer, leaf, false);
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
  const offsets = [...accepted].toSorted(([a], [b]) => a - b);
  return writer.list(offsets, ([partition, offset]) => writer.whole(partition).whole(offset));
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
