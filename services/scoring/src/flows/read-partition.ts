import type { StateStore } from '@attune/state-store/port';
import type { Slots } from '../ports.ts';
import { decodeState, type PartitionState, partitionKey } from './partition-state.ts';

/** What a partition of `decisions` knows beside its profiles; undefined before its first record. @throws AttuneError STORE_UNAVAILABLE */
export async function readPartition(store: StateStore, { slotOf }: Slots, tenant: string, partition: number): Promise<PartitionState | undefined> {
  const { states } = await store.read(slotOf(partition), [partitionKey(tenant)]);
  return states[0] && decodeState(states[0]).partition;
}
