import type { EventLog } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Slot, SlotChange, StateStore, Watermark } from '@attune/state-store/port';
import { verifyLog } from '../log-identity.ts';
import { decodeWatermark } from '../watermark.ts';
import { entriesOf, type SnapshotEntry } from './chunk.ts';
import type { SlotSnapshot } from './manifest.ts';
import type { NamedSnapshot, SnapshotFolder } from './snapshot-folder.ts';

/** Where snapshots of an installation lie. */
export interface SnapshotsOf {
  readonly folder: SnapshotFolder;
  /** The name that sets the installation apart; '' = none. */
  readonly namespace: string;
}

/** What a slot is restored with. */
export interface RestorePorts {
  readonly store: StateStore;
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read'>;
  readonly snapshots: SnapshotsOf;
  /** Called now and then: a member of a group says that it lives. */
  readonly alive?: () => Promise<void>;
}

/** What was restored. */
export interface Restored {
  readonly snapshot: string;
  readonly states: number;
  /** Offset of the first record to fold. */
  readonly nextOffset: number;
}

const STATES_MAX = 512;
const BYTES_MAX = 256 * 1024;
const MARK = '0 restoring ';
const plain = new TextDecoder();

/** Whether the slot holds part of a snapshot: nobody may fold into it or believe that it is whole. */
export const isRestoring = (watermark: Watermark): boolean => plain.decode(watermark.subarray(0, MARK.length)) === MARK;

/**
 * Fills a slot from the newest snapshot that holds it; of what it held, and of a restore that was killed in the middle, nothing stays. All of it is checked first: a snapshot of another log, or with
 * one byte changed, is refused before anything is written. The slot gets its watermark with the last of it, so that until then nobody takes it for whole; of two that
 * restore at once one wins, and the other's next look finds the slot whole. Undefined where there is no snapshot of the slot, or another was faster.
 * @throws AttuneError SNAPSHOT_DAMAGED, LOG_IDENTITY_CHANGED, LOG_REPLACED, LOG_START_ABOVE_WATERMARK, LOG_END_BELOW_WATERMARK; STORE_UNAVAILABLE, LOG_UNAVAILABLE
 */
export async function restoreSlot(ports: RestorePorts, slot: Slot, found: Watermark): Promise<Restored | undefined> {
  const { store, snapshots } = ports;
  const newest = snapshots.folder.newest(slot);
  if (newest) await check(ports, slot, newest);
  if (newest || isRestoring(found)) await store.clear(slot);
  if (newest === undefined) return undefined;
  const at = Buffer.from(newest.slot.watermark, 'base64');
  let before: Uint8Array = new Uint8Array();
  let number = 0;
  for (const change of changesOf(snapshots.folder, newest.slot)) {
    const watermark = change.isLast ? at : Buffer.from(`${MARK}${newest.name} ${++number}`);
    const { kind } = await store.commit(slot, before, { ...change.of, watermark });
    if (kind === 'mismatch') return undefined;
    before = watermark;
    await ports.alive?.();
  }
  return { snapshot: newest.name, states: newest.slot.states, nextOffset: newest.slot.nextOffset };
}

async function check(
  { log, snapshots, alive }: RestorePorts,
  { partition, partitions }: Slot,
  newest: NamedSnapshot & { readonly slot: SlotSnapshot },
): Promise<void> {
  const { manifest, slot, name } = newest;
  const where = `${name} in ${snapshots.folder.path}`;
  if (manifest.namespace !== snapshots.namespace || slot.partitions !== partitions)
    throw new AttuneError(
      'LOG_IDENTITY_CHANGED',
      `The snapshot ${where} is of another installation: remove it, or name another folder by ATTUNE_SNAPSHOTS_DIR.`,
    );
  try {
    await verifyLog(log, { topic: slot.topic, partition }, decodeWatermark(Buffer.from(slot.watermark, 'base64')));
  } catch (fault) {
    if (fault instanceof AttuneError && fault.code !== 'LOG_UNAVAILABLE') throw new AttuneError(fault.code, `${fault.detail} By the snapshot ${where}.`, fault);
    throw fault;
  }
  for (const chunk of slot.chunks) {
    snapshots.folder.chunk(chunk);
    await alive?.();
  }
}

interface Piece {
  readonly of: Omit<SlotChange, 'watermark'>;
  readonly isLast: boolean;
}

/** What is committed, one step after the other; at least one. */
function* changesOf(folder: SnapshotFolder, { chunks }: SlotSnapshot): Generator<Piece> {
  let gathered: SnapshotEntry[] = [];
  let bytes = 0;
  for (const chunk of chunks)
    for (const entry of entriesOf(folder.chunk(chunk))) {
      if (gathered.length >= STATES_MAX || bytes > BYTES_MAX) {
        yield { of: changeOf(gathered), isLast: false };
        [gathered, bytes] = [[], 0];
      }
      gathered.push(entry);
      bytes += bytesOf(entry);
    }
  yield { of: changeOf(gathered), isLast: true };
}

function bytesOf(entry: SnapshotEntry): number {
  if (entry.kind === 'state') return entry.state.state.length;
  return entry.kind === 'emission' ? entry.emission.body.length : 0;
}

function changeOf(entries: readonly SnapshotEntry[]): Omit<SlotChange, 'watermark'> {
  const states = entries.flatMap((entry) => (entry.kind === 'state' ? [entry.state] : []));
  return {
    states: new Map(states.map(({ key, state }) => [key, new Uint8Array(state)])), // not the chunk that they lie in
    due: new Map(states.flatMap(({ key, dueAtMs }) => (dueAtMs === undefined ? [] : [[key, dueAtMs] as const]))),
    emissions: entries.flatMap((entry) => (entry.kind === 'emission' ? [entry.emission] : [])),
    published: [],
    skipped: new Map(entries.flatMap((entry) => (entry.kind === 'skip' ? [[entry.offset, entry.code] as const] : []))),
  };
}
