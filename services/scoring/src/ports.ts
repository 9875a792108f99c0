import type { Configuration } from '@attune/configuration/configuration';
import type { GetFeaturesRequest, GetFeaturesResponse, GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import type { EventLog, TenantId } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { Slot, StateStore } from '@attune/state-store/port';

/** Everything that decisions need of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const STATE_STORE = port<StateStore>('StateStore');
export const CLOCK = port<Clock>('Clock');
export const STOPWATCH = port<Stopwatch>('Stopwatch');

/** Reads a profile for a purpose. @throws AttuneError SUBJECT_UNKNOWN, REQUEST_INVALID, STORE_UNAVAILABLE */
export type GetProfile = (tenant: TenantId, request: GetProfileRequest) => Promise<GetProfileResponse>;

/** Reads features of several profiles for a purpose; a subject that is not known has an empty profile id. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export type GetFeatures = (tenant: TenantId, request: GetFeaturesRequest) => Promise<GetFeaturesResponse>;

/** Whether the person of a profile was erased. @throws AttuneError STORE_UNAVAILABLE, SERVICE_UNAVAILABLE */
export type IsErased = (tenant: TenantId, profileId: string) => Promise<boolean>;

/** The configuration of a document. @throws AttuneError CONFIGURATION_INVALID */
export type ConfigurationOf = (document: string) => Configuration;

/** The slots of a running processor, for readers of its states. */
export interface Slots {
  readonly partitions: number;
  readonly slotOf: (partition: number) => Slot;
}

/** Reads a model file by its path in the configuration: its text and the SHA-256 of its bytes in hex, or why it cannot be read and what to do. */
export type ReadModelFile = (
  file: string,
) => { readonly kind: 'file'; readonly text: string; readonly version: string } | { readonly kind: 'fault'; readonly fault: string; readonly fix: string };
