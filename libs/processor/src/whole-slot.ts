import type { OutboxEntry, Slot, Watermark } from '@attune/state-store/port';
import type { OwnerPorts } from './owner-ports.ts';
import { isRestoring, type Restored, restoreSlot } from './snapshots/restore-slot.ts';
import { nextOffsetIn } from './watermark.ts';

/** A slot as an owner finds it. */
export interface WholeSlot {
  readonly watermark: Watermark;
  readonly entries: readonly OutboxEntry[];
}

/** What reading it takes. */
export interface WholeSlotPorts extends Pick<OwnerPorts<never>, 'log' | 'store' | 'snapshots'> {
  readonly topic: string;
  readonly restored: (about: Restored) => void;
  readonly alive?: (() => Promise<void>) | undefined;
}

/**
 * Reads watermark and outbox. A slot that is empty, that was being restored, or that lies below what the log still holds is first filled from the newest snapshot, where there is one.
 * @throws AttuneError as restoreSlot
 */
export async function wholeSlot(ports: WholeSlotPorts, slot: Slot): Promise<WholeSlot> {
  const { store, log, topic, snapshots, restored, alive } = ports;
  const found = await store.outbox(slot);
  if (snapshots === undefined) return found;
  const isFolded = found.watermark.length > 0 && !isRestoring(found.watermark);
  if (isFolded && (await log.bounds(topic, slot.partition)).startOffset <= nextOffsetIn(found.watermark)) return found;
  const made = await restoreSlot({ store, log, snapshots, ...(alive && { alive }) }, slot, found.watermark);
  if (made) restored(made);
  return store.outbox(slot);
}
