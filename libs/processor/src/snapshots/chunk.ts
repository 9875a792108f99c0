import type { OutboxEntry, StoredState } from '@attune/state-store/port';
import { damaged } from './damage.ts';

/** One thing that a slot holds, as a snapshot keeps it. */
export type SnapshotEntry =
  | { readonly kind: 'state'; readonly state: StoredState }
  | { readonly kind: 'emission'; readonly emission: OutboxEntry }
  | { readonly kind: 'skip'; readonly offset: number; readonly code: string };

const [STATE, DUE, EMISSION, SKIP] = [1, 2, 3, 4] as const;
/** Kind, and the lengths of name and bytes. */
const HEAD = 9;
const TIME = 8;

/** Bytes of an entry; equal entries have equal bytes. */
export function encodeEntry(entry: SnapshotEntry): Buffer {
  if (entry.kind === 'emission') return piece(EMISSION, entry.emission.id, entry.emission.body);
  if (entry.kind === 'skip') return piece(SKIP, String(entry.offset), Buffer.from(entry.code));
  const { key, state, dueAtMs } = entry.state;
  if (dueAtMs === undefined) return piece(STATE, key, state);
  const time = Buffer.alloc(TIME);
  time.writeDoubleBE(dueAtMs);
  return piece(DUE, key, Buffer.concat([time, state]));
}

/** The entries of a chunk, in their order; their bytes lie in it. @throws AttuneError SNAPSHOT_DAMAGED for bytes that are no chunk */
export function* entriesOf(chunk: Buffer): Generator<SnapshotEntry> {
  for (let at = 0; at < chunk.length; ) {
    if (at + HEAD > chunk.length) throw damaged('A chunk is cut.');
    const [kind, nameBytes, valueBytes] = [chunk.readUInt8(at), chunk.readUInt32BE(at + 1), chunk.readUInt32BE(at + 5)];
    const valueAt = at + HEAD + nameBytes;
    at = valueAt + valueBytes;
    if (at > chunk.length) throw damaged('A chunk is cut.');
    yield entryOf(kind, chunk.toString('utf8', valueAt - nameBytes, valueAt), chunk.subarray(valueAt, at));
  }
}

function piece(kind: number, name: string, value: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  const nameBytes = Buffer.from(name);
  head.writeUInt8(kind);
  head.writeUInt32BE(nameBytes.length, 1);
  head.writeUInt32BE(value.length, 5);
  return Buffer.concat([head, nameBytes, value]);
}

function entryOf(kind: number, name: string, value: Buffer): SnapshotEntry {
  if (kind === STATE) return { kind: 'state', state: { key: name, state: value } };
  if (kind === DUE) return { kind: 'state', state: { key: name, state: value.subarray(TIME), dueAtMs: value.readDoubleBE() } };
  if (kind === EMISSION) return { kind: 'emission', emission: { id: name, body: value } };
  if (kind === SKIP) return { kind: 'skip', offset: Number(name), code: value.toString() };
  throw damaged(`An entry is of kind ${kind}, which this version does not know.`);
}
