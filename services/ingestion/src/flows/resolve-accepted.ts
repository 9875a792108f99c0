import { createHash } from 'node:crypto';
import { AcceptedEvent, type ConsentChange, type CustomerEvent, type Erasure, type Link } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, TenantId } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { StateKey } from '@attune/state-store/port';
import { eraseIdentity, whoseMessage } from '../domain/erase-identity.ts';
import { takeLink, wantLinks } from '../domain/link-identity.ts';
import { type Identity, mintProfileId, newIdentity } from '../domain/resolve-identity.ts';
import { ACCEPTED, type IdentityCodec } from '../ports.ts';
import { erasureEmission, linkEmission, refusedLink } from './link-records.ts';
import { resealed } from './reseal-event.ts';
import { activityOf, erasureOf, movedAway, setAside } from './resolver-records.ts';
import { wantedKeys } from './wanted-keys.ts';

/** The state of one identifier; undefined before its first record. */
export interface IdentityState {
  identity: Identity | undefined;
}

/** The name under which the resolver keeps its place and its states. */
export const IDENTITIES = 'identities';

/** The state of an identifier: `hash` is the key of its records. */
export const identityKey = (tenant: TenantId, hash: string): StateKey => `${tenant}:identity:${hash}`;

/**
 * The resolver: whose record it is, and once only. Attune.accepted.v1 in, attune.activity.v1 out, one for one; a repeat goes on without its content.
 * An event of a customer that names an anonymous identifier too makes a link, which the owner of that identifier takes in its own order.
 */
export const resolveAccepted = (ring: KeyRing, codec: IdentityCodec): ProcessorDefinition<IdentityState> => ({
  name: IDENTITIES,
  topic: ACCEPTED,
  keyOf,
  empty: () => ({ identity: undefined }),
  decode: (bytes) => ({ identity: codec.decode(bytes) }),
  encode: ({ identity }) => identity && codec.encode(identity),
  prepare: async (records, states) => {
    const told = records.map((record) => ({ record, key: keyOf(record), said: readable(record) }));
    for (const [tenant, { sealedUnder, subjects }] of wantedKeys(told, (key) => states.get(key)?.identity, mintedBy)) {
      await ring.load(tenant, sealedUnder);
      await ring.ensure(tenant, subjects);
    }
  },
  fold: (state, record) => {
    const said = saidBy(record);
    if (said === undefined) return { emissions: [] };
    if (said.$case === 'erasure') return { emissions: erase(state, record, said.value) };
    return { emissions: said.$case === 'link' ? link(state, record, said.value) : resolve(state, record, said, ring) };
  },
  rejection: setAside,
});

/** A message of a customer, with the other identifiers that it names. */
export type Message = { readonly alsoKnownBy: readonly string[] } & (
  | { readonly $case: 'event'; readonly value: CustomerEvent }
  | { readonly $case: 'consent'; readonly value: ConsentChange }
);

/** What a record says: a message of a customer, a link, or an erasure. */
export type Said = Message | { readonly $case: 'link'; readonly value: Link } | { readonly $case: 'erasure'; readonly value: Erasure };

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const mintedBy = (record: LogRecord): string => mintProfileId(record, digest);
const keyOf = ({ tenant, key }: LogRecord): StateKey => identityKey(tenant, key);

function resolve(state: IdentityState, record: LogRecord, message: Message, ring: KeyRing): readonly Emission[] {
  const { alsoKnownBy, ...taken } = message;
  const { messageId, profileId: saidFor } = taken.value;
  const receivedAtMs = Number(taken.value.receivedAtMs);
  const happenedAtMs = taken.$case === 'event' ? Number(taken.value.timestampMs) : receivedAtMs;
  const arrived = { kind: taken.$case, messageId, receivedAtMs, happenedAtMs, saidFor };
  const { kind, profileId, identity } = whoseMessage(state.identity ?? newIdentity(mintedBy(record)), arrived, () => mintedBy(record));
  const wanted = wantLinks(identity, kind === 'new' ? alsoKnownBy : [], receivedAtMs);
  state.identity = wanted.identity;
  const told = kind === 'new' && taken.$case === 'event' ? { ...taken, value: resealed(ring, record, profileId, taken.value) } : taken;
  return [
    activityOf(record, profileId, kind === 'new' ? told : undefined),
    ...wanted.link.map((hash) => linkEmission(record, hash, { profileId, receivedAtMs: taken.value.receivedAtMs })),
    ...wanted.tooMany.map((hash) => refusedLink(record, { hash, code: 'LINKS_TOO_MANY', receivedAtMs: taken.value.receivedAtMs })),
  ];
}

/** The identifier forgets the profile, tells those that it was linked with, and tells the profile; what has another profile by now tells that of the erasure all the same. */
function erase(state: IdentityState, record: LogRecord, erasure: Erasure): readonly Emission[] {
  const { profileId, receivedAtMs } = erasure;
  const erased = eraseIdentity(state.identity, { profileId, atMs: Number(receivedAtMs) });
  state.identity = erased.identity;
  return [erasureOf(record, erasure), ...erased.tell.map((hash) => erasureEmission(record, hash, erasure))];
}

/** From here on the records of the identifier go to the customer's profile; the profile that it had is told to move there too. */
function link(state: IdentityState, record: LogRecord, { profileId, receivedAtMs }: Link): readonly Emission[] {
  const taken = takeLink(state.identity, profileId, () => mintedBy(record));
  state.identity = taken.identity;
  if (taken.kind === 'moved') return [movedAway(record, taken.from, { toProfileId: profileId, receivedAtMs })];
  const activity = activityOf(record, taken.identity.profileId, undefined);
  if (taken.kind !== 'parted') return [activity];
  return [activity, refusedLink(record, { hash: record.key, code: 'IDENTIFIER_SHARED', receivedAtMs })];
}

/** Undefined for a record that says nothing. @throws Error for bytes that are no AcceptedEvent */
function saidBy({ value }: LogRecord): Said | undefined {
  const { record, alsoKnownBy } = AcceptedEvent.decode(value);
  if (record?.$case === 'event' || record?.$case === 'consent') return { ...record, alsoKnownBy };
  return record?.$case === 'link' || record?.$case === 'erasure' ? record : undefined;
}

/** A record that cannot be read is for the fold to refuse. */
function readable(record: LogRecord): Said | undefined {
  try {
    return saidBy(record);
  } catch {
    return undefined;
  }
}
