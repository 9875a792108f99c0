import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { damaged } from './damage.ts';
import { type ChunkOf, isManifestName, readManifest, type SlotSnapshot, type SnapshotManifest, sha256, writtenManifest } from './manifest.ts';

/** A snapshot and the name of its manifest. */
export interface NamedSnapshot {
  readonly name: string;
  readonly manifest: SnapshotManifest;
}

/** A folder of snapshots: `manifests/<time>-<sha256>.json`, and `chunks/<sha256>`, which snapshots share. Only its owner may read it. */
export class SnapshotFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Names of the snapshots, the newest first. */
  names(): readonly string[] {
    const folder = join(this.path, 'manifests');
    return existsSync(folder) ? readdirSync(folder).filter(isManifestName).toSorted().toReversed() : [];
  }

  /** @throws AttuneError SNAPSHOT_DAMAGED */
  manifest(name: string): SnapshotManifest {
    return readManifest(name, this.#read(join('manifests', name)).toString());
  }

  /** The newest snapshot that holds the slot; undefined where none does. @throws AttuneError SNAPSHOT_DAMAGED for a newer one that cannot be read */
  newest({ processor, partition }: Pick<SlotSnapshot, 'processor' | 'partition'>): (NamedSnapshot & { readonly slot: SlotSnapshot }) | undefined {
    for (const name of this.names()) {
      const manifest = this.manifest(name);
      const slot = manifest.slots.find((one) => one.processor === processor && one.partition === partition);
      if (slot) return { name, manifest, slot };
    }
    return undefined;
  }

  /** The bytes of a chunk. @throws AttuneError SNAPSHOT_DAMAGED where they are not those that were written */
  chunk({ sha256: hash, bytes }: ChunkOf): Buffer {
    const found = this.#read(join('chunks', hash));
    if (found.length !== bytes || sha256(found) !== hash) throw damaged(`${join(this.path, 'chunks', hash)}: its bytes were changed.`);
    return found;
  }

  /** Writes a chunk unless it is there, whole, already. */
  keepChunk(bytes: Buffer, entries: number): ChunkOf {
    const hash = sha256(bytes);
    const path = join('chunks', hash);
    if (!existsSync(join(this.path, path)) || sha256(this.#read(path)) !== hash) this.#write(path, bytes);
    return { sha256: hash, bytes: bytes.length, entries };
  }

  /** Writes the manifest, which makes a snapshot of what it names. Answers its name. */
  keepManifest(manifest: SnapshotManifest): string {
    const { name, text } = writtenManifest(manifest);
    this.#write(join('manifests', name), Buffer.from(text));
    return name;
  }

  /** Removes all but the newest snapshots, and the chunks that none of those, nor of `also`, names. Answers how many snapshots went. @throws AttuneError SNAPSHOT_DAMAGED */
  keepNewest(count: number, also: readonly SlotSnapshot[] = []): number {
    const names = this.names();
    for (const name of names.slice(count)) rmSync(join(this.path, 'manifests', name));
    const kept = [...names.slice(0, count).flatMap((name) => this.manifest(name).slots), ...also];
    const used = new Set(kept.flatMap(({ chunks }) => chunks.map((chunk) => chunk.sha256)));
    const folder = join(this.path, 'chunks');
    for (const name of existsSync(folder) ? readdirSync(folder) : []) if (!used.has(name)) rmSync(join(folder, name));
    return Math.max(0, names.length - count);
  }

  #read(path: string): Buffer {
    try {
      return readFileSync(join(this.path, path));
    } catch (fault) {
      throw damaged(`${join(this.path, path)} cannot be read.`, fault);
    }
  }

  /** Appears whole or not at all, also where the machine stops. */
  #write(path: string, bytes: Buffer): void {
    const full = join(this.path, path);
    const folder = join(full, '..');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const part = `${full}.part`;
    const file = openSync(part, 'w', 0o600);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
    closeSync(file);
    renameSync(part, full);
    const holder = openSync(folder, 'r');
    fsyncSync(holder);
    closeSync(holder);
  }
}
