import type { Identity, SeenMessage } from '../domain/resolve-identity.ts';
import type { IdentityCodec } from '../ports.ts';

const VERSION = 1;
const HEAD_BYTES = 2;
const TIME_BYTES = 8;
const SEEN_BYTES = 12;

/**
 * Version, length of the profile id, profile id, newest time (float 64), then 12 bytes a message: its hash (64 bits) and how long before
 * the newest it was taken (32 bits hold 49 days, and at most one is remembered). Big-endian.
 */
export const identityCodec: IdentityCodec = { encode, decode };

function encode({ profileId, newestMs, seen }: Identity): Uint8Array {
  const name = Buffer.from(profileId);
  const bytes = Buffer.alloc(HEAD_BYTES + name.length + TIME_BYTES + SEEN_BYTES * seen.length);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(name.length, 1);
  name.copy(bytes, HEAD_BYTES);
  let at = bytes.writeDoubleBE(newestMs, HEAD_BYTES + name.length);
  for (const { hash, receivedAtMs } of seen) at = bytes.writeUInt32BE(newestMs - receivedAtMs, bytes.writeBigUInt64BE(hash, at));
  return bytes;
}

function decode(stored: Uint8Array): Identity {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const version = bytes.readUInt8(0);
  if (version !== VERSION) throw new Error(`an identity of version ${version} cannot be read by this one`);
  const afterName = HEAD_BYTES + bytes.readUInt8(1);
  const newestMs = bytes.readDoubleBE(afterName);
  const seen: SeenMessage[] = [];
  for (let at = afterName + TIME_BYTES; at < bytes.length; at += SEEN_BYTES)
    seen.push({ hash: bytes.readBigUInt64BE(at), receivedAtMs: newestMs - bytes.readUInt32BE(at + 8) });
  return { profileId: bytes.toString('utf8', HEAD_BYTES, afterName), newestMs, seen };
}
