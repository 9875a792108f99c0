import type { Configuration } from '@attune/configuration/configuration';
import type { Position, Subject } from '@attune/contracts/messages/common/v1/common';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { spelling } from '@attune/kernel/nearest';
import { nextOffsetIn } from '@attune/processor/watermark';
import type { Clock } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { ProfileCodec, ResolveSubject, ResolveSubjects } from '../ports.ts';
import { activeRules, type ReadConfiguration, rulesOfConfiguration } from './active-rules.ts';
import { ACTIVITY, partitionKey, profileKey, versionKey } from './state-keys.ts';

/** What reading profiles needs of the world. */
export interface ReadPorts {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly codec: ProfileCodec;
  readonly partitions: number;
  readonly slotOf: (partition: number) => Slot;
  readonly resolve: ResolveSubject;
  readonly resolveMany: ResolveSubjects;
  readonly configurationOf: ReadConfiguration;
  /** The configuration of this process: for subjects and partitions that nothing was folded for. */
  readonly configuration: () => Configuration;
}

/** A profile as it stands in the store, the rules that its position implies, and the moment to read it at. */
export interface StoredProfile {
  readonly profileId: string;
  /** Undefined where nothing was folded yet, and where the person was erased. */
  readonly profile: Profile | undefined;
  /** Since when the person is erased, in ms since 1970; undefined where that is not so. */
  readonly erasedAtMs: number | undefined;
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

/** The profile of somebody who is known. @throws AttuneError ERASED, SUBJECT_UNKNOWN where nothing was folded yet */
export function knownProfile({ profile, erasedAtMs }: Pick<StoredProfile, 'profile' | 'erasedAtMs'>): Profile {
  if (erasedAtMs !== undefined || profile?.personal === 'erased') throw new AttuneError('ERASED');
  if (profile === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
  return profile;
}

/** The profile ids of subjects that name somebody, in their order; undefined for nobody known. All are resolved in one call. @throws AttuneError STORE_UNAVAILABLE */
export async function profileIdsOfSubjects({ resolveMany }: ReadPorts, tenant: string, subjects: readonly Subject[]): Promise<readonly (string | undefined)[]> {
  const named = subjects.filter(({ id }) => id?.$case !== 'profileId');
  const found = (named.length === 0 ? [] : await resolveMany(tenant, named)).values();
  return subjects.map(({ id }) => (id?.$case === 'profileId' ? id.value : found.next().value?.profileId) || undefined);
}

/** Reads one profile: see readAllStored. @throws AttuneError STORE_UNAVAILABLE */
export async function readStored(ports: ReadPorts, tenant: string, profileId: string): Promise<StoredProfile> {
  const [stored] = await readPartition(ports, tenant, { partition: partitionOf(profileId, ports.partitions), profileIds: [profileId] });
  if (stored === undefined) throw new AttuneError('INTERNAL', 'A profile that was read is not among the answers.');
  return stored;
}

/**
 * Reads profiles with the version of their configuration, one call of the store a partition; of a visitor who became known, the customer's. By the ids that
 * were asked for. The personal parts stay closed: see openFor. @throws AttuneError STORE_UNAVAILABLE
 */
export async function readAllStored(ports: ReadPorts, tenant: string, profileIds: Iterable<string>): Promise<ReadonlyMap<string, StoredProfile>> {
  const ids = new Set(profileIds);
  const [only = ''] = ids;
  if (ids.size === 1) return new Map([[only, await readStored(ports, tenant, only)]]);
  const byPartition = Map.groupBy(ids, (id) => partitionOf(id, ports.partitions));
  const found = new Map<string, StoredProfile>();
  const read = async (partition: number, theirs: readonly string[]): Promise<void> => {
    const stored = await readPartition(ports, tenant, { partition, profileIds: theirs });
    for (const [i, id] of theirs.entries()) if (stored[i]) found.set(id, stored[i]);
  };
  await Promise.all([...byPartition].map(([partition, theirs]) => read(partition, theirs)));
  return found;
}

interface Asked {
  readonly partition: number;
  readonly profileIds: readonly string[];
}

/** In the order asked for. With the document where the version alone did not do: all in one call, so that they belong together. */
async function readPartition(ports: ReadPorts, tenant: string, asked: Asked, withDocument = false): Promise<readonly StoredProfile[]> {
  const { store, clock, codec, slotOf } = ports;
  const { partition, profileIds } = asked;
  const keys = [withDocument ? partitionKey(tenant) : versionKey(tenant), ...profileIds.map((id) => profileKey(tenant, id))];
  const { watermark, states } = await store.read(slotOf(partition), keys);
  const rules = withDocument ? rulesOfState(ports, states[0]) : await rulesOfVersion(ports, { tenant, partition, version: states[0] });
  if (rules === undefined) return readPartition(ports, tenant, asked, true);
  const offset = BigInt(nextOffsetIn(watermark) - 1);
  const nowMs = clock.nowMs();
  const read = profileIds.map((profileId, i) => {
    const state = states[i + 1];
    const { profile, moved, erased } = state ? codec.decode(state) : {};
    if (moved) return readStored(ports, tenant, moved.to);
    const erasedAtMs = erased?.atMs;
    return { profileId, profile, erasedAtMs, rules, position: { topic: ACTIVITY, partition, offset }, nowMs: Math.max(nowMs, profile?.logTimeMs ?? 0) };
  });
  return Promise.all(read);
}

const rulesOfState = (ports: ReadPorts, state: Uint8Array | undefined): ProfileRules =>
  state === undefined ? ownRules(ports) : activeRules(ports.codec.decode(state), ports.configurationOf);

interface VersionIn {
  readonly tenant: string;
  readonly partition: number;
  /** As it lies in the store. */
  readonly version: Uint8Array | undefined;
}

/** What the version in each partition said when it was last read: it is the same at nearly each read. */
const lastRead = new WeakMap<ReadPorts, Map<string, { readonly version: Uint8Array; readonly rules: ProfileRules }>>();

/** The rules of that version; undefined where there is none, or where the partition has gone on to another while its document was looked for. */
async function rulesOfVersion(ports: ReadPorts, { tenant, partition, version }: VersionIn): Promise<ProfileRules | undefined> {
  if (version === undefined) return undefined;
  const known = lastRead.get(ports) ?? new Map();
  lastRead.set(ports, known);
  const name = `${tenant}/${partition}`;
  const before = known.get(name);
  if (before && Buffer.compare(before.version, version) === 0) return before.rules;
  const rules = await foundRules(ports, { tenant, partition, version });
  if (rules !== undefined) known.set(name, { version, rules });
  return rules;
}

async function foundRules(ports: ReadPorts, { tenant, partition, version }: VersionIn & { readonly version: Uint8Array }): Promise<ProfileRules | undefined> {
  const wanted = ports.codec.decode(version).active?.version;
  if (wanted === ports.configuration().version) return ownRules(ports);
  const { states } = await ports.store.read(ports.slotOf(partition), [partitionKey(tenant)]);
  const state = states[0] && ports.codec.decode(states[0]);
  return state?.active?.version === wanted ? rulesOfState(ports, states[0]) : undefined;
}

/** Whether what a request says in `field` are purposes. @throws AttuneError REQUEST_INVALID that names the field and the known purposes */
export function checkPurposes({ purposes }: ProfileRules, field: string, asked: Iterable<string>): void {
  const known = Object.keys(purposes);
  for (const purpose of asked)
    if (!known.includes(purpose))
      throw new AttuneError('REQUEST_INVALID', `Field: ${field}. A purpose of the configuration is expected. ${spelling(purpose, known)}`);
}
