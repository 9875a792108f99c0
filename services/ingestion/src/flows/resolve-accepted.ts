import { createHash } from 'node:crypto';
import { AcceptedEvent, Activity, type ConsentChange, type CustomerEvent, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, TenantId } from '@attune/event-log/port';
import { errorTable } from '@attune/kernel/errors';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import { type KeyId, subjectKey } from '@attune/sealing/port';
import type { StateKey } from '@attune/state-store/port';
import { type Identity, mintProfileId, newIdentity, resolveIdentity } from '../domain/resolve-identity.ts';
import { ACCEPTED, ACTIVITY, headersOf, type IdentityCodec, REJECTED } from '../ports.ts';
import { resealed } from './reseal-event.ts';

/** The state of one identifier; undefined before its first record. */
export interface IdentityState {
  identity: Identity | undefined;
}

/** The name under which the resolver keeps its place and its states. */
export const IDENTITIES = 'identities';

/** The state of an identifier: `hash` is the key of its records. */
export const identityKey = (tenant: TenantId, hash: string): StateKey => `${tenant}:identity:${hash}`;

/** The resolver: whose record it is, and once only. Attune.accepted.v1 in, attune.activity.v1 out, one for one; a repeat goes on without its content. */
export const resolveAccepted = (ring: KeyRing, codec: IdentityCodec): ProcessorDefinition<IdentityState> => ({
  name: IDENTITIES,
  topic: ACCEPTED,
  keyOf: ({ tenant, key }) => identityKey(tenant, key),
  empty: () => ({ identity: undefined }),
  decode: (bytes) => ({ identity: codec.decode(bytes) }),
  encode: ({ identity }) => identity && codec.encode(identity),
  prepare: async (records, states) => {
    for (const [tenant, { sealedUnder, subjects }] of keysOf(records, states)) {
      await ring.load(tenant, sealedUnder);
      await ring.ensure(tenant, subjects);
    }
  },
  fold: (state, record) => {
    const taken = takenOf(record);
    if (taken === undefined) return { emissions: [] };
    const { $case: kind, value } = taken;
    const before = state.identity ?? newIdentity(mintedBy(record));
    const resolution = resolveIdentity(before, { kind, messageId: value.messageId, receivedAtMs: Number(value.receivedAtMs) });
    state.identity = resolution.identity;
    const { profileId } = resolution.identity;
    const told = kind === 'event' ? { $case: kind, value: resealed(ring, record, profileId, value) } : taken;
    return { emissions: [activityOf(record, profileId, resolution.kind === 'new' ? told : undefined)] };
  },
  rejection: ({ tenant, topic, partition, offset, appendedAtMs }, code) => {
    const id = `${topic}/${partition}/${offset}`;
    const { what: reason, fix } = errorTable[isCode(code) ? code : 'INTERNAL'];
    const value = RejectedEvent.encode(RejectedEvent.fromPartial({ code, reason, fix, receivedAtMs: BigInt(appendedAtMs) })).finish();
    return { id: `${id}/rejected`, tenant, topic: REJECTED, key: id, value, headers: headersOf('RejectedEvent') };
  },
});

type Taken = { readonly $case: 'event'; readonly value: CustomerEvent } | { readonly $case: 'consent'; readonly value: ConsentChange };

interface WantedKeys {
  readonly sealedUnder: Set<KeyId>;
  readonly subjects: Set<KeyId>;
}

const isCode = (code: string): code is keyof typeof errorTable => Object.hasOwn(errorTable, code);
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const mintedBy = (record: LogRecord): string => mintProfileId(record, digest);

/** What a record says of a customer; undefined for one that says nothing. @throws Error for bytes that are no AcceptedEvent */
function takenOf({ value }: LogRecord): Taken | undefined {
  const { record } = AcceptedEvent.decode(value);
  return record?.$case === 'event' || record?.$case === 'consent' ? record : undefined;
}

/** By tenant: the keys that the records are sealed under, and those of the profiles that the fold will find or mint. */
function keysOf(records: readonly LogRecord[], states: ReadonlyMap<StateKey, IdentityState>): ReadonlyMap<TenantId, WantedKeys> {
  const wanted = new Map<TenantId, WantedKeys>();
  const minted = new Map<StateKey, string>();
  for (const record of records) {
    const taken = readable(record);
    if (taken === undefined) continue;
    const key = identityKey(record.tenant, record.key);
    const profileId = states.get(key)?.identity?.profileId ?? minted.get(key) ?? mintedBy(record);
    minted.set(key, profileId);
    const keys = wanted.get(record.tenant) ?? { sealedUnder: new Set(), subjects: new Set() };
    wanted.set(record.tenant, keys);
    keys.subjects.add(subjectKey(profileId));
    if (taken.$case === 'event' && taken.value.sealed) keys.sealedUnder.add(taken.value.sealed.keyId);
  }
  return wanted;
}

/** A record that cannot be read is for the fold to refuse. */
function readable(record: LogRecord): Taken | undefined {
  try {
    return takenOf(record);
  } catch {
    return undefined;
  }
}

function activityOf({ tenant, key, partition, offset }: LogRecord, profileId: string, record: Taken | undefined): Emission {
  const origin = { profileId, leaf: key, acceptedOffset: BigInt(offset), acceptedPartition: partition };
  const value = Activity.encode(Activity.fromPartial({ ...origin, ...(record ? { record } : {}) })).finish();
  return { id: `${profileId}/${partition}/${offset}/activity`, tenant, topic: ACTIVITY, key: profileId, value, headers: headersOf('Activity') };
}
