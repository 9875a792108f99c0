import { createHash } from 'node:crypto';
import { AcceptedEvent, type ConsentChange, type CustomerEvent, type Link } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, TenantId } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { StateKey } from '@attune/state-store/port';
import { takeLink, wantLinks } from '../domain/link-identity.ts';
import { type Identity, mintProfileId, newIdentity, resolveIdentity } from '../domain/resolve-identity.ts';
import { ACCEPTED, type IdentityCodec } from '../ports.ts';
import { linkEmission, refusedLink } from './link-records.ts';
import { resealed } from './reseal-event.ts';
import { activityOf, movedAway, setAside } from './resolver-records.ts';
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
    return { emissions: said.$case === 'link' ? link(state, record, said.value) : resolve(state, record, said, ring) };
  },
  rejection: setAside,
});

/** A message of a customer, with the other identifiers that it names. */
export type Message = { readonly alsoKnownBy: readonly string[] } & (
  | { readonly $case: 'event'; readonly value: CustomerEvent }
  | { readonly $case: 'consent'; readonly value: ConsentChange }
);

/** What a record says: a message of a customer, or a link. */
export type Said = Message | { readonly $case: 'link'; readonly value: Link };

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const mintedBy = (record: LogRecord): string => mintProfileId(record, digest);
const keyOf = ({ tenant, key }: LogRecord): StateKey => identityKey(tenant, key);

function resolve(state: IdentityState, record: LogRecord, message: Message, ring: KeyRing): readonly Emission[] {
  const { alsoKnownBy, ...taken } = message;
  const receivedAtMs = Number(taken.value.receivedAtMs);
  const before = state.identity ?? newIdentity(mintedBy(record));
  const { kind, identity } = resolveIdentity(before, { kind: taken.$case, messageId: taken.value.messageId, receivedAtMs });
  const profileId = profileOf(identity, message);
  const wanted = wantLinks(identity, kind === 'new' ? alsoKnownBy : [], receivedAtMs);
  state.identity = wanted.identity;
  const told = taken.$case === 'event' ? { ...taken, value: resealed(ring, record, profileId, taken.value) } : taken;
  return [
    activityOf(record, profileId, kind === 'new' ? told : undefined),
    ...wanted.link.map((hash) => linkEmission(record, hash, { profileId, receivedAtMs: taken.value.receivedAtMs })),
    ...wanted.tooMany.map((hash) => refusedLink(record, { hash, code: 'LINKS_TOO_MANY', receivedAtMs: taken.value.receivedAtMs })),
  ];
}

/** The identifier's own; of what is said for a profile that the identifier was part of before it became nobody's, that one. */
function profileOf({ bond, profileId }: Identity, { value: { profileId: saidFor } }: Message): string {
  return bond === 'shared' && saidFor !== '' ? saidFor : profileId;
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
  return record?.$case === 'link' ? record : undefined;
}

/** A record that cannot be read is for the fold to refuse. */
function readable(record: LogRecord): Said | undefined {
  try {
    return saidBy(record);
  } catch {
    return undefined;
  }
}
