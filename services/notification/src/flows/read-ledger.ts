import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { decodeWatermark } from '@attune/processor/watermark';
import type { Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { Inbox } from '../domain/inbox.ts';
import { emptyLedger, type Ledger } from '../domain/ledger.ts';
import { DELIVERIES, decodeState, ledgerKey } from './deliveries-state.ts';

/** Where ledgers are read. */
export interface LedgerPorts {
  readonly store: StateStore;
  readonly stopwatch: Stopwatch;
  /** Of attune.deliveries.v1. */
  readonly partitions: number;
}

/** Reads ledgers, and waits until they have folded enough. @throws AttuneError STORE_UNAVAILABLE */
export interface LedgerReader {
  /** The inbox of the profile as it is folded now, in a copy of its own. @throws AttuneError ERASED */
  readInbox(tenant: TenantId, profileId: string): Promise<Inbox>;
  /** The ledger once everything below `offset` is in it; undefined where that takes longer than `withinMs`, which is 3 s where it is not given. */
  readUpTo(tenant: TenantId, profileId: string, offset: number, withinMs?: number): Promise<Ledger | undefined>;
}

const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 1;

/** A reader over the store of the processor `deliveries`. */
export function ledgerReader({ store, stopwatch, partitions }: LedgerPorts): LedgerReader {
  const read = async (tenant: TenantId, profileId: string) => {
    const slot = { processor: DELIVERIES, partition: partitionOf(profileId, partitions), partitions };
    const { watermark, states } = await store.read(slot, [ledgerKey(tenant, profileId)]);
    const [bytes] = states;
    return { stored: () => (bytes === undefined ? {} : decodeState(bytes)), foldedBelow: decodeWatermark(watermark)?.nextOffset ?? 0 };
  };
  const readUpTo = async (tenant: TenantId, profileId: string, offset: number, withinMs = PATIENCE_MS): Promise<Ledger | undefined> => {
    const givenUpAtMs = stopwatch.elapsedMs() + withinMs;
    for (;;) {
      const { stored, foldedBelow } = await read(tenant, profileId);
      if (foldedBelow >= offset) return stored().ledger ?? emptyLedger();
      if (stopwatch.elapsedMs() > givenUpAtMs) return undefined;
      await stopwatch.sleep(LOOK_AGAIN_MS);
    }
  };
  const readInbox = async (tenant: TenantId, profileId: string): Promise<Inbox> => {
    const { inbox, erased } = (await read(tenant, profileId)).stored();
    if (erased) throw new AttuneError('ERASED');
    return inbox ?? new Map();
  };
  return { readInbox, readUpTo };
}
