import type { LogRecord, TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { nextOffsetIn } from '@attune/processor/watermark';
import type { Stopwatch } from '@attune/runtime/world';
import type { StateKey, StateStore } from '@attune/state-store/port';
import type { Inbox } from '../domain/inbox.ts';
import { emptyLedger, type Ledger } from '../domain/ledger.ts';
import { DELIVERIES, type DeliveriesState, ledgerKey } from './deliveries-state.ts';

/** Where ledgers are read. */
export interface LedgerPorts {
  readonly store: StateStore;
  readonly stopwatch: Stopwatch;
  /** Of attune.deliveries.v1. */
  readonly partitions: number;
  /** Who folds ledgers: the same that folds what this reader answers. */
  readonly definition: ProcessorDefinition<DeliveriesState>;
}

/** Reads ledgers, and waits until they have folded enough. @throws AttuneError STORE_UNAVAILABLE */
export interface LedgerReader {
  /** The inbox of the profile as it is folded now, in a copy of its own. @throws AttuneError ERASED */
  readInbox(tenant: TenantId, profileId: string): Promise<Inbox>;
  /** The ledger once everything below `offset` is in it; undefined where that takes longer than `withinMs`, which is 3 s where it is not given. */
  readUpTo(tenant: TenantId, profileId: string, offset: number, withinMs?: number): Promise<Ledger | undefined>;
  /**
   * The ledger of a record's profile with that record folded into it, in a copy of its own: what the processor makes of it, before the processor comes to it. Everything
   * below the record is waited for; undefined where that takes longer than `withinMs`, which is 3 s where it is not given.
   */
  readWith(record: LogRecord, withinMs?: number): Promise<Ledger | undefined>;
}

const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 1;

/** A reader over the store of the processor `deliveries`. */
export function ledgerReader({ store, stopwatch, partitions, definition }: LedgerPorts): LedgerReader {
  const read = async (partition: number, keys: readonly StateKey[]) => {
    const { watermark, states } = await store.read({ processor: DELIVERIES, partition, partitions }, keys);
    const stateAt = (place: number): DeliveriesState => (states[place] === undefined ? definition.empty() : definition.decode(states[place]));
    return { stateAt, foldedBelow: nextOffsetIn(watermark) };
  };
  const readOf = (tenant: TenantId, profileId: string) => read(partitionOf(profileId, partitions), [ledgerKey(tenant, profileId)]);
  const readUpTo = (tenant: TenantId, profileId: string, offset: number, withinMs = PATIENCE_MS): Promise<Ledger | undefined> =>
    waitedFor(stopwatch, withinMs, async () => {
      const { stateAt, foldedBelow } = await readOf(tenant, profileId);
      return foldedBelow >= offset ? (stateAt(0).ledger ?? emptyLedger()) : undefined;
    });
  const readWith = (record: LogRecord, withinMs = PATIENCE_MS): Promise<Ledger | undefined> => {
    const key = definition.keyOf(record);
    const keys = [key, definition.companionKey?.(record) ?? key];
    return waitedFor(stopwatch, withinMs, async () => {
      const { stateAt, foldedBelow } = await read(record.partition, keys);
      if (foldedBelow < record.offset) return undefined;
      const state = stateAt(0);
      // The fold is pure, and nothing stands between what is folded and the record: whoever folds it comes to the same.
      if (foldedBelow === record.offset) definition.fold(state, record, stateAt(1));
      return state.ledger ?? emptyLedger();
    });
  };
  const readInbox = async (tenant: TenantId, profileId: string): Promise<Inbox> => {
    const { inbox, erased } = (await readOf(tenant, profileId)).stateAt(0);
    if (erased) throw new AttuneError('ERASED');
    return inbox ?? new Map();
  };
  return { readInbox, readUpTo, readWith };
}

/** Looks again every millisecond until there is an answer; undefined after `withinMs`. */
async function waitedFor<T>(stopwatch: Stopwatch, withinMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const givenUpAtMs = stopwatch.elapsedMs() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || stopwatch.elapsedMs() > givenUpAtMs) return found;
    await stopwatch.sleep(LOOK_AGAIN_MS);
  }
}
