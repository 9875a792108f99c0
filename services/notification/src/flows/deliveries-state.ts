import type { TenantId } from '@attune/event-log/port';
import type { Inbox, InboxItem } from '../domain/inbox.ts';
import { type Entry, emptyLedger, type Ledger } from '../domain/ledger.ts';
import type { CampaignTally, Tallies } from '../domain/tally.ts';

/** A state of the processor `deliveries`: the send ledger of a profile, or what the partition keeps for all of them. Made when first needed. */
export interface DeliveriesState {
  ledger?: Ledger;
  /** Where a message of the inbox was ever sent. */
  inbox?: Inbox;
  partition?: PartitionState;
  /** The person was erased: nothing is kept, whatever still comes. */
  erased?: true;
}

/** The active configuration of a partition, and what became of its messages. */
export interface PartitionState {
  version: string;
  document: string;
  readonly tallies: Tallies;
}

export const DELIVERIES_TOPIC = 'attune.deliveries.v1';
export const DELIVERIES = 'deliveries';

/** The key of a profile's ledger in the store. */
export const ledgerKey = (tenant: TenantId, profileId: string): string => `${tenant}:ledger:${profileId}`;

/** The key of what a partition keeps. */
export const partitionKey = (tenant: TenantId): string => `${tenant}:partition:state`;

interface Stored {
  readonly v: 1;
  readonly ledger?: {
    readonly entries: readonly (readonly [string, Omit<Entry, 'decision'> & { readonly decision?: string }])[];
    readonly suppressed: readonly string[];
    readonly pausedUntilMs: number;
    readonly mergedInto?: string;
    readonly moved?: readonly string[];
    readonly joined?: readonly string[];
  };
  readonly inbox?: readonly (Omit<InboxItem, 'content'> & { readonly content: string })[];
  readonly erased?: true;
  readonly partition?: { readonly version: string; readonly document: string; readonly tallies: readonly (readonly [string, CampaignTally])[] };
}

/** The state in bytes: JSON with a version. */
export function encodeState({ ledger, inbox, partition, erased }: DeliveriesState): Uint8Array {
  const stored: Stored = {
    v: 1,
    ...(ledger && {
      ledger: {
        entries: [...ledger.entries].map(([id, { decision, ...entry }]) => [
          id,
          { ...entry, ...(decision && { decision: Buffer.from(decision).toString('base64') }) },
        ]),
        suppressed: [...ledger.suppressed],
        pausedUntilMs: ledger.pausedUntilMs,
        ...(ledger.mergedInto !== undefined && { mergedInto: ledger.mergedInto }),
        ...(ledger.moved && { moved: ledger.moved }),
        ...(ledger.joined && { joined: ledger.joined }),
      },
    }),
    ...(inbox && { inbox: [...inbox.values()].map((item) => ({ ...item, content: Buffer.from(item.content).toString('base64') })) }),
    ...(erased && { erased }),
    ...(partition && { partition: { ...partition, tallies: [...partition.tallies] } }),
  };
  return Buffer.from(JSON.stringify(stored));
}

/** @throws Error for bytes of another version: a changed shape means a replay, never a guess. */
export function decodeState(bytes: Uint8Array): DeliveriesState {
  const { v, ledger, inbox, partition, erased } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Stored;
  if (v !== 1) throw new Error(`a ledger of version ${String(v)} cannot be read by this one`);
  return {
    ...(ledger && { ledger: ledgerOf(ledger) }),
    ...(inbox && { inbox: new Map(inbox.map((item) => [item.id, { ...item, content: Buffer.from(item.content, 'base64') }])) }),
    ...(erased && { erased }),
    ...(partition && { partition: { ...partition, tallies: new Map(partition.tallies) } }),
  };
}

function ledgerOf({ entries, suppressed, ...rest }: NonNullable<Stored['ledger']>): Ledger {
  const ledger: Ledger = { ...emptyLedger(), suppressed: new Set(suppressed), ...rest };
  for (const [id, { decision, ...entry }] of entries)
    ledger.entries.set(id, { ...entry, ...(decision !== undefined && { decision: Buffer.from(decision, 'base64') }) });
  return ledger;
}
