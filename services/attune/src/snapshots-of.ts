import { join } from 'node:path';
import type { Configurations } from '@attune/configuration/configurations';
import { profilesDefinition } from '@attune/feature-store/composition';
import { identitiesDefinition } from '@attune/ingestion/composition';
import * as notification from '@attune/notification/composition';
import type { SlotSource } from '@attune/processor/slot-source';
import type { SnapshotsOf } from '@attune/processor/snapshots/restore-slot';
import { SnapshotFolder } from '@attune/processor/snapshots/snapshot-folder';
import { takeSnapshot } from '@attune/processor/snapshots/take-snapshot';
import { systemClock } from '@attune/runtime/world';
import * as scoring from '@attune/scoring/composition';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { Settings } from './config.ts';
import type { Foundations } from './foundations.ts';
import type { Host } from './hosting.ts';

/** Where the snapshots of this installation lie. */
export const snapshotsOf = ({ ATTUNE_SNAPSHOTS_DIR, ATTUNE_DATA_DIR, ATTUNE_NAMESPACE: namespace }: Settings): SnapshotsOf => ({
  folder: new SnapshotFolder(ATTUNE_SNAPSHOTS_DIR ?? join(ATTUNE_DATA_DIR, 'snapshots')),
  namespace,
});

/** All that the services keep in the store. */
export const slotSources = (ring: KeyRing, configurations: Configurations): readonly SlotSource[] => [
  identitiesDefinition(ring),
  profilesDefinition(ring, configurations),
  ...scoring.slotSources(ring, configurations),
  ...notification.slotSources(configurations),
];

interface Taking {
  readonly settings: Settings;
  readonly foundations: Foundations;
}

/** Copies the store of a process that runs, within it. */
export const snapshotTaker =
  ({ shared: { ring, configurations } }: Host, { settings, foundations: { log, store } }: Taking) =>
  async (keep: number): Promise<void> =>
    void (await takeSnapshot({ store, log, ...snapshotsOf(settings), sources: slotSources(ring, configurations), nowMs: systemClock.nowMs(), keep }));
