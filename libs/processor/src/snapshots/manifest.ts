import { createHash } from 'node:crypto';
import { damaged } from './damage.ts';

/** A run of entries in a file of its own, which is named by the SHA-256 of its bytes. */
export interface ChunkOf {
  readonly sha256: string;
  readonly bytes: number;
  readonly entries: number;
}

/** The copy of one slot. */
export interface SlotSnapshot {
  readonly processor: string;
  /** That the slot is folded from. */
  readonly topic: string;
  readonly partition: number;
  readonly partitions: number;
  /** As it stood in the store, in base64. */
  readonly watermark: string;
  /** Offset of the first record that is not in the copy. */
  readonly nextOffset: number;
  readonly states: number;
  readonly chunks: readonly ChunkOf[];
}

/** What a snapshot consists of. */
export interface SnapshotManifest {
  readonly format: 1;
  readonly takenAtMs: number;
  /** The name that sets an installation apart from others on the same servers; '' = none. */
  readonly namespace: string;
  readonly slots: readonly SlotSnapshot[];
}

/** Hex SHA-256. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Sorts by time: `20260131T080000000Z-<sha256>.json`. */
const NAME = /^\d{8}T\d{9}Z-([0-9a-f]{64})\.json$/;

/** The text of a manifest and the name of its file, which tells the hash of the text. */
export function writtenManifest(manifest: SnapshotManifest): { readonly name: string; readonly text: string } {
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`;
  return { name: `${new Date(manifest.takenAtMs).toISOString().replace(/[-:.]/g, '')}-${sha256(text)}.json`, text };
}

/** Whether a file is named like a manifest. */
export const isManifestName = (name: string): boolean => NAME.test(name);

/** @throws AttuneError SNAPSHOT_DAMAGED where the text is not the one that the name tells of, or of a later format */
export function readManifest(name: string, text: string): SnapshotManifest {
  if (sha256(text) !== NAME.exec(name)?.[1]) throw damaged(`${name}: its text was changed.`);
  const manifest = JSON.parse(text) as SnapshotManifest;
  if (manifest.format !== 1) throw damaged(`${name}: it has format ${manifest.format}; this version reads 1.`);
  return manifest;
}
