import { ConfigurationActivated, Due } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, NewRecord } from '@attune/event-log/port';
import type { StateKey } from '@attune/state-store/port';
import type { CampaignLedger } from '../domain/answer-change.ts';
import type { ProfileMemory } from '../domain/profile-memory.ts';
import type { StateInUse } from './follow-model-states.ts';
import { recordHeaders, typeOf } from './records.ts';

/** What a partition knows beside its profiles: what each campaign did in it, and the active configuration; an empty document before the first. */
export interface PartitionState extends CampaignLedger {
  version: string;
  document: string;
  /** The state of each model that decisions use. Absent = none was told yet. */
  models?: Record<string, StateInUse>;
}

/** A state of the processor `decisions`: of a profile, of the partition, or a document of the configuration. */
export interface ScoringState {
  profile?: ProfileMemory;
  partition?: PartitionState;
  document?: string;
  /** The person was erased: nothing is remembered, whatever still comes. */
  erased?: true;
}

/** A partition of which nothing was folded yet. */
export const newPartition = (): PartitionState => ({ version: '', document: '', logTimeMs: 0, campaigns: {} });

/** The state of a profile. */
export const profileKey = (tenant: string, profileId: string): StateKey => `${tenant}:profile:${profileId}`;
/** The state that every record of a partition sees. */
export const partitionKey = (tenant: string): StateKey => `${tenant}:partition:state`;
/** The state that keeps a document, so that decisions under it can be explained after it was replaced. */
export const documentKey = (tenant: string, version: string): StateKey => `${tenant}:configuration:${version}`;

/** The state that a record of attune.profiles.v1 belongs to. */
export function stateKeyOf(record: LogRecord): string {
  const type = typeOf(record);
  if (type === 'ProfileChange' || type === 'DecisionsMoved') return profileKey(record.tenant, record.key);
  if (type === 'Due') return Due.decode(record.value).stateKey;
  return type === 'ConfigurationActivated' ? documentKey(record.tenant, ConfigurationActivated.decode(record.value).version) : partitionKey(record.tenant);
}

/** Wakes the state of a profile. */
export const dueRecord = (stateKey: StateKey, dueAtMs: number): NewRecord => ({
  key: stateKey.slice(stateKey.indexOf(':profile:') + ':profile:'.length),
  value: Due.encode({ stateKey, dueAtMs: BigInt(dueAtMs) }).finish(),
  headers: recordHeaders('Due'),
});

/** JSON with a version. */
export const encodeState = (state: ScoringState): Uint8Array => text.encode(JSON.stringify({ v: VERSION, ...state }));

/** @throws Error for bytes of another version: a changed shape means a replay, never a guess. */
export function decodeState(bytes: Uint8Array): ScoringState {
  const { v, ...state } = JSON.parse(plain.decode(bytes)) as ScoringState & { v: number };
  if (v !== VERSION) throw new Error(`a state of version ${String(v)} cannot be read by this one`);
  return state;
}

const VERSION = 1;
const text = new TextEncoder();
const plain = new TextDecoder();
