import { AttuneError } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { emptyLeaf, emptyProfile, leafOf, type Profile } from '../domain/profile.ts';
import type { ProfileCodec, ProfilesState } from '../ports.ts';
import { readLeaf, readValues, sorted, writeLeaf, writeValues } from './leaf-bytes.ts';
import { BytesReader, BytesWriter } from './profile-bytes.ts';

/** The version of the shape; another one is replayed. */
const SHAPE = 1;
const [PROFILE, ACTIVE] = [1, 2] as const;
const [NOTHING, ENVELOPE, GONE] = [0, 1, 2] as const;

/** Binary, names sorted; what is personal as one blob under the subject's key. */
export function profileCodec(ring: KeyRing): ProfileCodec {
  const active = new WeakMap<object, Uint8Array>();
  return {
    encode(state: ProfilesState) {
      if (state.profile) return encodeProfile(state.profile, ring);
      if (!state.active) return undefined;
      const bytes = active.get(state.active) ?? new BytesWriter().whole(SHAPE).whole(ACTIVE).text(state.active.version).text(state.active.document).done();
      active.set(state.active, bytes);
      return bytes;
    },
    decode(bytes) {
      const reader = new BytesReader(bytes);
      const shape = reader.whole();
      if (shape !== SHAPE) throw new AttuneError('INTERNAL', `The state of a profile has version ${shape}; ${SHAPE} is read. Replay it.`);
      if (reader.whole() === PROFILE) return { profile: decodeProfile(reader) };
      return { active: { version: reader.text(), document: reader.text() } };
    },
    open: (profile) => open(profile, ring),
  };
}

function encodeProfile(profile: Profile, ring: KeyRing): Uint8Array {
  seal(profile, ring);
  const { tenant, profileId, version, segments, events, late, newestMs, logTimeMs, dueAtMs, personal, envelope } = profile;
  const writer = new BytesWriter().whole(SHAPE).whole(PROFILE).text(tenant).text(profileId).text(version);
  writer.list(segments, (name) => writer.text(name));
  for (const count of [events, late, newestMs, logTimeMs]) writer.whole(count);
  writer.list(dueAtMs === undefined ? [] : [dueAtMs], (ms) => writer.whole(ms));
  if (personal === 'erased') writer.whole(GONE);
  else if (envelope) writer.whole(ENVELOPE).bytes(envelope.nonce).bytes(envelope.ciphertext);
  else writer.whole(NOTHING);
  writer.list(sorted(profile.leaves), ([id, leaf]) => writeLeaf(writer.text(id), leaf));
  return writer.done();
}

function decodeProfile(reader: BytesReader): Profile {
  const profile = { ...emptyProfile(), tenant: reader.text(), profileId: reader.text(), version: reader.text(), segments: reader.list(() => reader.text()) };
  profile.events = reader.whole();
  profile.late = reader.whole();
  profile.newestMs = reader.whole();
  profile.logTimeMs = reader.whole();
  profile.dueAtMs = reader.list(() => reader.whole())[0];
  const tag = reader.whole();
  profile.personal = tag === ENVELOPE ? 'closed' : tag === GONE ? 'erased' : 'open';
  if (tag === ENVELOPE) profile.envelope = { keyId: subjectKey(profile.profileId), nonce: reader.bytes(), ciphertext: reader.bytes() };
  for (let left = reader.whole(); left > 0; left--) {
    const id = reader.text();
    const leaf = emptyLeaf();
    readLeaf(reader, leaf);
    profile.leaves.set(id, leaf);
  }
  return profile;
}

const boundTo = ({ tenant, profileId }: Profile) => ({ tenant, subject: profileId, id: 'profile' });

/** Makes the envelope anew where the personal parts changed; where the key is gone they are let go of. */
function seal(profile: Profile, ring: KeyRing): void {
  if (profile.personal !== 'open' || profile.envelope || !holdsPersonal(profile)) return;
  const writer = new BytesWriter();
  writer.list(sorted(profile.leaves), ([id, leaf]) => writeValues(writer.text(id), leaf, true));
  try {
    profile.envelope = ring.seal(subjectKey(profile.profileId), boundTo(profile), writer.done());
  } catch (fault) {
    forget(profile, fault);
  }
}

/** An open profile is tried too: its key may have been destroyed while it was held in memory. */
function open(profile: Profile, ring: KeyRing): void {
  if (profile.personal === 'erased' || !profile.envelope) return;
  try {
    const plain = ring.open(profile.envelope, boundTo(profile));
    if (profile.personal === 'open') return;
    const reader = new BytesReader(plain);
    profile.personal = 'open';
    for (let left = reader.whole(); left > 0; left--) readValues(reader, leafOf(profile, reader.text()), true);
  } catch (fault) {
    forget(profile, fault);
  }
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

function holdsPersonal({ leaves }: Profile): boolean {
  for (const { features, traits } of leaves.values()) {
    for (const { personal } of features.values()) if (personal) return true;
    for (const { personal } of traits.values()) if (personal) return true;
  }
  return false;
}
