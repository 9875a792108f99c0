import { AttuneError } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { emptyProfile, leafOf, type MergedProfile, type Profile } from '../domain/profile.ts';
import type { MovedProfile, ProfileCodec, ProfilesState } from '../ports.ts';
import { readAccepted, writeAccepted } from './leaf-bytes.ts';
import { holdsPersonal, packFolds, readLeaves, readPersonal, unpackFolds, writeLeaves, writePersonal } from './leaves-bytes.ts';
import { BytesReader, BytesWriter } from './profile-bytes.ts';

/** The version of the shape; another one is replayed. */
const SHAPE = 1;
const [PROFILE, ACTIVE, MOVED, MERGED, ERASED] = [1, 2, 3, 4, 5] as const;
const [NOTHING, ENVELOPE, GONE] = [0, 1, 2] as const;

/** Binary, names sorted; what is personal as one blob under the subject's key. A profile that others became part of begins with them. */
export function profileCodec(ring: KeyRing): ProfileCodec {
  const active = new WeakMap<object, Uint8Array>();
  return {
    encode(state: ProfilesState) {
      if (state.profile) return encodeProfile(state.profile, ring);
      if (state.moved) return encodeMoved(state.moved);
      if (state.erased) return new BytesWriter().whole(SHAPE).whole(ERASED).whole(state.erased.atMs).done();
      if (!state.active) return undefined;
      const bytes = active.get(state.active) ?? new BytesWriter().whole(SHAPE).whole(ACTIVE).text(state.active.version).text(state.active.document).done();
      active.set(state.active, bytes);
      return bytes;
    },
    decode: (bytes) => decodeState(bytes, ring),
    pack: (leaves) => packFolds(leaves),
    unpack: (packed) => unpackFolds(packed),
    check: (profile) => check(profile, ring),
    open: (profile) => open(profile, ring),
  };
}

function decodeState(bytes: Uint8Array, ring: KeyRing): ProfilesState {
  const reader = readerOf(bytes);
  const tag = reader.whole();
  if (tag === PROFILE) return { profile: decodeProfile(reader, { merged: [], ring }) };
  if (tag === MERGED) return { profile: decodeProfile(reader, { merged: readMerged(reader), ring }) };
  if (tag === ERASED) return { erased: { atMs: reader.whole() } };
  if (tag === MOVED) return { moved: { to: reader.text(), accepted: readAccepted(reader) } };
  return { active: { version: reader.text(), document: reader.text() } };
}

/** @throws AttuneError STATE_UNREADABLE for bytes of another shape */
function readerOf(bytes: Uint8Array): BytesReader {
  const reader = new BytesReader(bytes);
  const shape = reader.whole();
  if (shape !== SHAPE) throw new AttuneError('STATE_UNREADABLE', `The state of a profile has version ${shape}; ${SHAPE} is read. Replay it.`);
  return reader;
}

function encodeMoved({ to, accepted }: MovedProfile): Uint8Array {
  return writeAccepted(new BytesWriter().whole(SHAPE).whole(MOVED).text(to), accepted).done();
}

const readMerged = (reader: BytesReader): readonly MergedProfile[] => reader.list(() => ({ linkId: reader.text(), profileId: reader.text() }));

function encodeProfile(profile: Profile, ring: KeyRing): Uint8Array {
  seal(profile, ring);
  const { tenant, profileId, version, segments, events, late, newestMs, logTimeMs, dueAtMs, personal, envelope, merged } = profile;
  const writer = new BytesWriter().whole(SHAPE).whole(merged.length === 0 ? PROFILE : MERGED);
  if (merged.length > 0) writer.list(merged, (one) => writer.text(one.linkId).text(one.profileId));
  writer.text(tenant).text(profileId).text(version);
  writer.list(segments, (name) => writer.text(name));
  for (const count of [events, late, newestMs, logTimeMs]) writer.whole(count);
  writer.list(dueAtMs === undefined ? [] : [dueAtMs], (ms) => writer.whole(ms));
  if (personal === 'erased') writer.whole(GONE);
  else if (envelope) writer.whole(ENVELOPE).bytes(envelope.nonce).bytes(envelope.ciphertext);
  else writer.whole(NOTHING);
  return writeLeaves(writer, profile.leaves).done();
}

function decodeProfile(reader: BytesReader, { merged, ring }: { readonly merged: readonly MergedProfile[]; readonly ring: KeyRing }): Profile {
  const [tenant, profileId, version] = [reader.text(), reader.text(), reader.text()];
  const segments = reader.list(() => reader.text());
  const profile: Profile = { ...emptyProfile(), tenant, profileId, version, merged, segments, unseal: () => open(profile, ring) };
  profile.events = reader.whole();
  profile.late = reader.whole();
  profile.newestMs = reader.whole();
  profile.logTimeMs = reader.whole();
  profile.dueAtMs = reader.list(() => reader.whole())[0];
  const tag = reader.whole();
  profile.personal = tag === ENVELOPE ? 'closed' : tag === GONE ? 'erased' : 'open';
  if (tag === ENVELOPE) profile.envelope = { keyId: subjectKey(profile.profileId), nonce: reader.bytes(), ciphertext: reader.bytes() };
  readLeaves(reader, profile.leaves);
  return profile;
}

const boundTo = ({ tenant, profileId }: Profile) => ({ tenant, subject: profileId, id: 'profile' });

/** Makes the envelope anew where the personal parts changed; where the key is gone they are let go of. */
function seal(profile: Profile, ring: KeyRing): void {
  if (profile.personal !== 'open' || profile.envelope || !holdsPersonal(profile.leaves)) return;
  try {
    profile.envelope = ring.seal(subjectKey(profile.profileId), boundTo(profile), writePersonal(new BytesWriter(), profile.leaves).done());
  } catch (fault) {
    forget(profile, fault);
  }
}

/** The key may have been destroyed while the profile was held in memory. */
function check(profile: Profile, ring: KeyRing): void {
  if (profile.personal === 'erased' || !profile.envelope) return;
  try {
    ring.check(profile.tenant, profile.envelope.keyId);
  } catch (fault) {
    forget(profile, fault);
  }
}

function open(profile: Profile, ring: KeyRing): void {
  check(profile, ring);
  if (profile.personal !== 'closed' || !profile.envelope) return;
  const plain = ring.open(profile.envelope, boundTo(profile));
  profile.personal = 'open';
  readPersonal(new BytesReader(plain), (id) => leafOf(profile, id));
}

/** @throws what is no erasure */
function forget(profile: Profile, fault: unknown): void {
  if (!(fault instanceof AttuneError && fault.code === 'ERASED')) throw fault;
  profile.personal = 'erased';
  profile.envelope = undefined;
  for (const { features, traits } of profile.leaves.values()) {
    for (const [name, { personal }] of features) if (personal) features.delete(name);
    for (const [name, { personal }] of traits) if (personal) traits.delete(name);
  }
}
