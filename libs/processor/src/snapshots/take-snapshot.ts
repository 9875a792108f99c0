import type { EventLog } from '@attune/event-log/port';
import type { SlotReader } from '@attune/state-store/port';
import type { SlotSource } from '../slot-source.ts';
import { copySlot } from './copy-slot.ts';
import { CopyingFile } from './copying-file.ts';
import type { SlotSnapshot } from './manifest.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';

/** What a snapshot is taken of. */
export interface SnapshotAsked {
  readonly store: SlotReader;
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read'>;
  readonly folder: SnapshotFolder;
  readonly sources: readonly SlotSource[];
  readonly namespace: string;
  /** Of the machine: when the snapshot is taken, in ms since 1970. */
  readonly nowMs: number;
  /** How many snapshots stay, this one among them. */
  readonly keep: number;
  /** Hears how many slots of all are copied. */
  readonly progress?: (done: number, total: number) => void;
}

/** What was taken. */
export interface SnapshotTaken {
  /** Of the manifest. */
  readonly name: string;
  readonly slots: readonly SlotSnapshot[];
  /** Slots that an earlier call, which was ended in the middle, had copied. */
  readonly resumed: number;
  /** How many older snapshots were removed. */
  readonly removed: number;
}

/**
 * Copies the slots of all sources, each as it is at one place of its log, beside the processors that run. Where an earlier call was ended in the middle, what it
 * had copied stands, unless the log no longer reaches back to it. Undefined where nothing is folded yet.
 * @throws AttuneError DATA_FOLDER_LOCKED, SNAPSHOT_DAMAGED, LOG_UNAVAILABLE, STORE_UNAVAILABLE
 */
export async function takeSnapshot(asked: SnapshotAsked): Promise<SnapshotTaken | undefined> {
  const { folder, keep, nowMs, namespace, progress } = asked;
  const copying = new CopyingFile(folder.path);
  try {
    const all = await slotsOf(asked);
    const before = copying.done();
    const slots: SlotSnapshot[] = [];
    let resumed = 0;
    for (const [place, one] of all.entries()) {
      progress?.(place, all.length);
      const known = before.get(`${one.slot.processor}/${one.slot.partition}`);
      const stands = known !== undefined && (await reaches(asked, known));
      if (stands) resumed++;
      const copied = stands ? known : await copySlot({ ...asked, copying }, one);
      if (copied) slots.push(copied);
    }
    progress?.(all.length, all.length);
    if (slots.length === 0) return undefined;
    const name = folder.keepManifest({ format: 1, takenAtMs: nowMs, namespace, slots });
    copying.remove();
    return { name, slots, resumed, removed: folder.keepNewest(keep) };
  } finally {
    copying.close();
  }
}

async function slotsOf({ log, sources }: SnapshotAsked) {
  const of = async (source: SlotSource) => {
    const { partitions } = await log.identity(source.topic);
    return Array.from({ length: partitions }, (_, partition) => ({ source, slot: { processor: source.name, partition, partitions } }));
  };
  return (await Promise.all(sources.map(of))).flat();
}

const reaches = async ({ log }: SnapshotAsked, { topic, partition, nextOffset }: SlotSnapshot): Promise<boolean> => {
  const { startOffset, endOffset } = await log.bounds(topic, partition);
  return startOffset <= nextOffset && nextOffset <= endOffset;
};
