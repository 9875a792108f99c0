import type { Configuration } from '@attune/configuration/configuration';
import type { Position, Subject } from '@attune/contracts/messages/common/v1/common';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { spelling } from '@attune/kernel/nearest';
import { decodeWatermark } from '@attune/processor/watermark';
import type { Clock } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { ProfileCodec, ResolveSubject } from '../ports.ts';
import { activeRules, type ReadConfiguration, rulesOfConfiguration } from './active-rules.ts';
import { ACTIVITY, partitionKey, profileKey } from './state-keys.ts';

/** What reading profiles needs of the world. */
export interface ReadPorts {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly codec: ProfileCodec;
  readonly partitions: number;
  readonly slotOf: (partition: number) => Slot;
  readonly resolve: ResolveSubject;
  readonly configurationOf: ReadConfiguration;
  /** The configuration of this process: for subjects and partitions that nothing was folded for. */
  readonly configuration: () => Configuration;
}

/** A profile as it stands in the store, the rules that its position implies, and the moment to read it at. */
export interface StoredProfile {
  readonly profileId: string;
  /** Undefined where nothing was folded yet. */
  readonly profile: Profile | undefined;
  readonly rules: ProfileRules;
  readonly position: Position;
  /** The business clock's now, or log time where that is later. */
  readonly nowMs: number;
}

/** The rules of this process's own configuration. */
export const ownRules = ({ configuration }: ReadPorts): ProfileRules => rulesOfConfiguration(configuration());

/** The profile id of a subject. @throws AttuneError REQUEST_INVALID without one, SUBJECT_UNKNOWN */
export async function profileIdOfSubject({ resolve }: ReadPorts, tenant: string, subject: Subject | undefined): Promise<string> {
  const id = subject?.id;
  if (subject === undefined || id === undefined || id.value === '')
    throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
  if (id.$case === 'profileId') return id.value;
  const { profileId } = await resolve(tenant, subject);
  if (profileId === '') throw new AttuneError('SUBJECT_UNKNOWN');
  return profileId;
}

/**
 * Reads profile and configuration in one call, its personal parts opened or marked as erased; of a visitor who became known, the customer's.
 * @throws AttuneError STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export async function readStored(ports: ReadPorts, tenant: string, profileId: string): Promise<StoredProfile> {
  const { store, clock, ring, codec, slotOf } = ports;
  const partition = partitionOf(profileId, ports.partitions);
  const { watermark, states } = await store.read(slotOf(partition), [profileKey(tenant, profileId), partitionKey(tenant)]);
  const [state, companion] = states;
  const { profile, moved } = state ? codec.decode(state) : {};
  if (moved) return readStored(ports, tenant, moved.to);
  if (profile?.personal === 'closed') {
    await ring.load(tenant, [subjectKey(profileId)]);
    codec.open(profile);
  }
  const rules = companion ? rulesIn(ports, partitionKey(tenant) + partition, companion) : ownRules(ports);
  const offset = BigInt((decodeWatermark(watermark)?.nextOffset ?? 0) - 1);
  return { profileId, profile, rules, position: { topic: ACTIVITY, partition, offset }, nowMs: Math.max(clock.nowMs(), profile?.logTimeMs ?? 0) };
}

/** What the state of each partition said when it was last read: it holds the whole configuration, and is the same at nearly each read. */
const lastRead = new WeakMap<ReadPorts, Map<string, { readonly bytes: Uint8Array; readonly rules: ProfileRules }>>();

function rulesIn(ports: ReadPorts, name: string, bytes: Uint8Array): ProfileRules {
  const known = lastRead.get(ports) ?? new Map();
  lastRead.set(ports, known);
  const before = known.get(name);
  if (before && Buffer.compare(before.bytes, bytes) === 0) return before.rules;
  const rules = activeRules(ports.codec.decode(bytes), ports.configurationOf);
  known.set(name, { bytes, rules });
  return rules;
}

/** Whether what a request says in `field` are purposes. @throws AttuneError REQUEST_INVALID that names the field and the known purposes */
export function checkPurposes({ purposes }: ProfileRules, field: string, asked: Iterable<string>): void {
  const known = Object.keys(purposes);
  for (const purpose of asked)
    if (!known.includes(purpose))
      throw new AttuneError('REQUEST_INVALID', `Field: ${field}. A purpose of the configuration is expected. ${spelling(purpose, known)}`);
}
