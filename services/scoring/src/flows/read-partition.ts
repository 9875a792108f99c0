import type { StateStore } from '@attune/state-store/port';
import type { Slots } from '../ports.ts';
import { decodeState, type PartitionState, partitionKey } from './partition-state.ts';

/** What each partition said when it was last read: the whole configuration is in it, and it changes with decisions and settled goals alone. */
const lastRead = new WeakMap<StateStore, Map<string, { readonly bytes: Uint8Array; readonly state: PartitionState | undefined }>>();

/** What a partition of `decisions` knows beside its profiles, not to be edited; undefined before its first record. @throws AttuneError STORE_UNAVAILABLE */
export async function readPartition(store: StateStore, { slotOf }: Slots, tenant: string, partition: number): Promise<Readonly<PartitionState> | undefined> {
  const { states } = await store.read(slotOf(partition), [partitionKey(tenant)]);
  const [bytes] = states;
  if (bytes === undefined) return undefined;
  const known = lastRead.get(store) ?? new Map();
  lastRead.set(store, known);
  const name = `${tenant}/${partition}`;
  const before = known.get(name);
  if (before && Buffer.compare(before.bytes, bytes) === 0) return before.state;
  const state = decodeState(bytes).partition;
  known.set(name, { bytes, state });
  return state;
}
