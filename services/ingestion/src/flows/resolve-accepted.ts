import { createHash } from 'node:crypto';
import type { Erasure, Link } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord, TenantId } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { StateKey } from '@attune/state-store/port';
import { eraseIdentity, whoseMessage } from '../domain/erase-identity.ts';
import { loseLink, takeLink, wantLinks } from '../domain/link-identity.ts';
import { allowIdentity, listed, type QuarantineList, unlisted } from '../domain/quarantine.ts';
import { type Identity, mintProfileId, newIdentity } from '../domain/resolve-identity.ts';
import { ACCEPTED, type IdentityCodec } from '../ports.ts';
import { erasureEmission, linkEmission, lostEmission, refusedLink } from './link-records.ts';
import { resealed } from './reseal-event.ts';
import { activityOf, erasureOf, movedAway, setAside } from './resolver-records.ts';
import { givenLink, type Message, mayQuarantine, placeOf, readable, type Said, saidBy } from './said-by.ts';
import { wantedKeys } from './wanted-keys.ts';

/** The state of one identifier; undefined before its first record. Or of a partition: what is quarantined in it. */
export interface IdentityState {
  identity: Identity | undefined;
  quarantine?: QuarantineList;
}

/** The name under which the resolver keeps its place and its states. */
export const IDENTITIES = 'identities';

/** The state of an identifier: `hash` is the key of its records. */
export const identityKey = (tenant: TenantId, hash: string): StateKey => `${tenant}:identity:${hash}`;

/** The state of a partition that lists what is quarantined in it. */
export const quarantineKey = (tenant: TenantId): StateKey => `${tenant}:quarantine:partition`;

/**
 * The resolver: whose record it is, and once only. Attune.accepted.v1 in, attune.activity.v1 out, one for one; a repeat goes on without its content.
 * An event of a customer that names an anonymous identifier too makes a link, which the owner of that identifier takes in its own order.
 */
export const resolveAccepted = (ring: KeyRing, codec: IdentityCodec): ProcessorDefinition<IdentityState> => ({
  name: IDENTITIES,
  topic: ACCEPTED,
  keyOf,
  companionKey: ({ tenant }) => quarantineKey(tenant),
  editsCompanion: mayQuarantine,
  empty: () => ({ identity: undefined }),
  decode: (bytes) => {
    const quarantine = codec.decodeQuarantine(bytes);
    return quarantine ? { identity: undefined, quarantine } : { identity: codec.decode(bytes) };
  },
  encode: ({ identity, quarantine }) => (identity ? codec.encode(identity) : quarantine && codec.encodeQuarantine(quarantine)),
  prepare: async (records, states) => {
    const told = records.map((record) => ({ record, key: keyOf(record), said: readable(record) }));
    for (const [tenant, { sealedUnder, subjects }] of wantedKeys(told, (key) => states.get(key)?.identity, mintedBy)) {
      await ring.load(tenant, sealedUnder);
      await ring.ensure(tenant, subjects);
    }
  },
  fold: (state, record, companion) => {
    const said = saidBy(record);
    if (said === undefined) return { emissions: [] };
    const before = state.identity?.quarantined;
    const emissions = folded(state, { record, said, ring });
    const after = state.identity?.quarantined;
    if (after !== before)
      companion.quarantine = after ? listed(companion.quarantine ?? new Map(), record.key, after) : unlisted(companion.quarantine ?? new Map(), record.key);
    return { emissions };
  },
  rejection: setAside,
});

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const mintedBy = (record: LogRecord): string => mintProfileId(record, digest);
const keyOf = ({ tenant, key }: LogRecord): StateKey => identityKey(tenant, key);

interface Folding {
  readonly record: LogRecord;
  readonly said: Said;
  readonly ring: KeyRing;
}

function folded(state: IdentityState, { record, said, ring }: Folding): readonly Emission[] {
  switch (said.$case) {
    case 'erasure':
      return erase(state, record, said.value);
    case 'link':
      return link(state, record, said.value);
    case 'linkLost':
      if (state.identity) state.identity = loseLink(state.identity, said.value.leaf);
      return passedOn(state, record);
    case 'allowance':
      state.identity = allowIdentity(state.identity, { atMs: Number(said.value.receivedAtMs), record: placeOf(record) }) ?? state.identity;
      return passedOn(state, record);
    default:
      return resolve(state, record, said, ring);
  }
}

/** Nothing but the position of a record that tells its profile nothing. */
const passedOn = ({ identity }: IdentityState, record: LogRecord): readonly Emission[] =>
  identity === undefined || identity.profileId === '' ? [] : [activityOf(record, identity.profileId, undefined)];

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
    ...wanted.link.map((hash) => linkEmission(record, hash, { profileId, receivedAtMs: taken.value.receivedAtMs, leaf: record.key, source: placeOf(record) })),
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

/** From here on the records of the identifier go to the customer's profile; the profile that it had of its own is told to move there too, and a customer who had the device before hears of it. */
function link(state: IdentityState, record: LogRecord, said: Link): readonly Emission[] {
  const { profileId, receivedAtMs } = said;
  const taken = takeLink(state.identity, givenLink(record, said), () => mintedBy(record));
  state.identity = taken.identity;
  if (taken.kind === 'moved') return [movedAway(record, taken.from, { toProfileId: profileId, receivedAtMs })];
  const activity = activityOf(record, taken.identity.profileId, undefined);
  if (taken.kind === 'handed_on' && taken.lostBy !== '') return [activity, lostEmission(record, taken.lostBy, { leaf: record.key, receivedAtMs })];
  if (taken.kind !== 'quarantined') return [activity];
  return [activity, refusedLink(record, { hash: record.key, code: 'IDENTIFIER_SHARED', receivedAtMs })];
}
