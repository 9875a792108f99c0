import type { Identity, SeenMessage } from '../domain/resolve-identity.ts';
import type { IdentityCodec } from '../ports.ts';

/** An identifier that is joined to none, and one that is. */
const [ALONE, JOINED] = [1, 2] as const;
const BONDS = [undefined, 'linked', 'shared'] as const;
const HEAD_BYTES = 2;
const TIME_BYTES = 8;
const SEEN_BYTES = 12;
const LINKED_BYTES = 16;
const JOINED_BYTES = 2;

/**
 * Version, length of the profile id, profile id, newest time (float 64); where it is joined the bond, the count of links, and 16 bytes a link: hash and
 * time (float 64); then 12 bytes a message: its hash (64 bits) and how long before the newest it was taken (32 bits hold 49 days, and at most one is
 * remembered). Big-endian.
 */
export const identityCodec: IdentityCodec = { encode, decode };

function encode({ profileId, newestMs, seen, bond, linked = [] }: Identity): Uint8Array {
  const name = Buffer.from(profileId);
  const isJoined = bond !== undefined || linked.length > 0;
  const joinedBytes = isJoined ? JOINED_BYTES + LINKED_BYTES * linked.length : 0;
  const bytes = Buffer.alloc(HEAD_BYTES + name.length + TIME_BYTES + joinedBytes + SEEN_BYTES * seen.length);
  bytes.writeUInt8(isJoined ? JOINED : ALONE, 0);
  bytes.writeUInt8(name.length, 1);
  name.copy(bytes, HEAD_BYTES);
  let at = bytes.writeDoubleBE(newestMs, HEAD_BYTES + name.length);
  if (isJoined) at = bytes.writeUInt8(linked.length, bytes.writeUInt8(BONDS.indexOf(bond), at));
  for (const { hash, receivedAtMs } of linked) at = bytes.writeDoubleBE(receivedAtMs, bytes.writeBigUInt64BE(hash, at));
  for (const { hash, receivedAtMs } of seen) at = bytes.writeUInt32BE(newestMs - receivedAtMs, bytes.writeBigUInt64BE(hash, at));
  return bytes;
}

function decode(stored: Uint8Array): Identity {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const version = bytes.readUInt8(0);
  if (version !== ALONE && version !== JOINED) throw new Error(`an identity of version ${version} cannot be read by this one`);
  const afterName = HEAD_BYTES + bytes.readUInt8(1);
  const profileId = bytes.toString('utf8', HEAD_BYTES, afterName);
  const newestMs = bytes.readDoubleBE(afterName);
  const { joined, end } = version === JOINED ? decodeJoined(bytes, afterName + TIME_BYTES) : { joined: {}, end: afterName + TIME_BYTES };
  const seen: SeenMessage[] = [];
  for (let at = end; at < bytes.length; at += SEEN_BYTES) seen.push({ hash: bytes.readBigUInt64BE(at), receivedAtMs: newestMs - bytes.readUInt32BE(at + 8) });
  return { profileId, newestMs, seen, ...joined };
}

function decodeJoined(bytes: Buffer, from: number): { readonly joined: Pick<Identity, 'bond' | 'linked'>; readonly end: number } {
  const bond = BONDS[bytes.readUInt8(from)];
  const end = from + JOINED_BYTES + LINKED_BYTES * bytes.readUInt8(from + 1);
  const linked: SeenMessage[] = [];
  for (let at = from + JOINED_BYTES; at < end; at += LINKED_BYTES) linked.push({ hash: bytes.readBigUInt64BE(at), receivedAtMs: bytes.readDoubleBE(at + 8) });
  return { joined: { ...(bond && { bond }), ...(linked.length > 0 && { linked }) }, end };
}
