import { AttuneError } from '@attune/kernel/errors';
import { emptyLeaf, type Leaf } from '../domain/profile.ts';
import type { PackedFolds } from '../ports.ts';
import { readLeaf, readValues, sorted, writeLeaf, writeValues } from './leaf-bytes.ts';
import { BytesReader, BytesWriter } from './profile-bytes.ts';

type Leaves = ReadonlyMap<string, Leaf>;

/** The version of packed folds; others are refused. */
const FOLDS = 1;

/** Appends the open parts of all leaves. */
export function writeLeaves(writer: BytesWriter, leaves: Leaves): BytesWriter {
  writer.whole(leaves.size);
  for (const [id, leaf] of inOrder(leaves)) writeLeaf(writer.text(id), leaf);
  return writer;
}

const inOrder = (leaves: Leaves): Iterable<readonly [string, Leaf]> => (leaves.size < 2 ? leaves : sorted(new Map(leaves)));

/** Puts what `writeLeaves` wrote into a map. */
export function readLeaves(reader: BytesReader, leaves: Map<string, Leaf>): void {
  for (let left = reader.whole(); left > 0; left--) {
    const id = reader.text();
    const leaf = emptyLeaf();
    readLeaf(reader, leaf);
    leaves.set(id, leaf);
  }
}

/** Appends the personal parts of all leaves that have any: what is sealed is the same before and after a leaf comes that has none. */
export function writePersonal(writer: BytesWriter, leaves: Leaves): BytesWriter {
  const personal = [...inOrder(leaves)].filter(([, leaf]) => isPersonal(leaf));
  writer.whole(personal.length);
  for (const [id, leaf] of personal) writeValues(writer.text(id), leaf, true);
  return writer;
}

/** Puts what `writePersonal` wrote into the leaves that `leafOf` answers. */
export function readPersonal(reader: BytesReader, leafOf: (id: string) => Leaf): void {
  for (let left = reader.whole(); left > 0; left--) readValues(reader, leafOf(reader.text()), true);
}

/** True when a leaf holds anything personal. */
export function holdsPersonal(leaves: Leaves): boolean {
  for (const leaf of leaves.values()) if (isPersonal(leaf)) return true;
  return false;
}

function isPersonal({ features, traits }: Leaf): boolean {
  for (const { personal } of features.values()) if (personal) return true;
  for (const { personal } of traits.values()) if (personal) return true;
  return false;
}

/** See ProfileCodec. */
export const packFolds = (leaves: Leaves): PackedFolds => ({
  open: writeLeaves(new BytesWriter().whole(FOLDS), leaves).done(),
  personal: holdsPersonal(leaves) ? writePersonal(new BytesWriter(), leaves).done() : undefined,
});

/** See ProfileCodec. */
export function unpackFolds({ open, personal }: PackedFolds): Leaves {
  const leaves = new Map<string, Leaf>();
  const reader = new BytesReader(open);
  const version = reader.whole();
  if (version !== FOLDS) throw new AttuneError('STATE_UNREADABLE', `Folds that moved have version ${version}; ${FOLDS} is read. Replay them.`);
  readLeaves(reader, leaves);
  if (personal) readPersonal(new BytesReader(personal), (id) => leaves.get(id) ?? emptyLeaf());
  return leaves;
}
