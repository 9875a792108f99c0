import type { ErasedProfile, Identity, LinkedIdentifier, SeenMessage } from '../domain/resolve-identity.ts';
import type { IdentityCodec } from '../ports.ts';

/** An identifier that is joined to none; one that is, as earlier versions wrote it; and one that is joined or whose person was erased. */
const [ALONE, JOINED, FULL] = [1, 2, 3] as const;
const BONDS = [undefined, 'linked', 'shared'] as const;
const HEAD_BYTES = 2;
const TIME_BYTES = 8;
const SEEN_BYTES = 12;
const LINKED_BYTES = 16;
const JOINED_BYTES = 2;

/**
 * Version, length of the profile id, profile id, newest time (float 64). FULL: the bond; the length of the profile id that was erased (0 = none), that id and the
 * time of the erasure (float 64); the count of links, and for each its hash, its time (float 64), and the keyed hash with its length. Then 12 bytes a
 * message: its hash (64 bits) and how long before the newest it was taken (32 bits hold 49 days, and at most one is remembered). Big-endian.
 */
export const identityCodec: IdentityCodec = { encode, decode };

function encode({ profileId, newestMs, seen, bond, linked = [], erased }: Identity): Uint8Array {
  const name = Buffer.from(profileId);
  const isFull = bond !== undefined || linked.length > 0 || erased !== undefined;
  const head = Buffer.alloc(HEAD_BYTES + name.length + TIME_BYTES);
  head.writeUInt8(isFull ? FULL : ALONE, 0);
  head.writeUInt8(name.length, 1);
  name.copy(head, HEAD_BYTES);
  head.writeDoubleBE(newestMs, HEAD_BYTES + name.length);
  const messages = Buffer.alloc(SEEN_BYTES * seen.length);
  let at = 0;
  for (const { hash, receivedAtMs } of seen) at = messages.writeUInt32BE(newestMs - receivedAtMs, messages.writeBigUInt64BE(hash, at));
  return Buffer.concat([head, ...(isFull ? fullParts(bond, linked, erased) : []), messages]);
}

function fullParts(bond: Identity['bond'], linked: readonly LinkedIdentifier[], erased: ErasedProfile | undefined): readonly Buffer[] {
  const before = erased ? [...named(erased.profileId), timeOf(erased.atMs)] : named('');
  const links = linked.flatMap(({ hash, receivedAtMs, leaf = '' }) => {
    const pair = Buffer.alloc(TIME_BYTES);
    pair.writeBigUInt64BE(hash);
    return [pair, timeOf(receivedAtMs), ...named(leaf)];
  });
  return [Buffer.from([BONDS.indexOf(bond)]), ...before, Buffer.from([linked.length]), ...links];
}

function named(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return [Buffer.from([bytes.length]), bytes];
}

function timeOf(atMs: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeDoubleBE(atMs);
  return bytes;
}

function decode(stored: Uint8Array): Identity {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const version = bytes.readUInt8(0);
  if (version !== ALONE && version !== JOINED && version !== FULL) throw new Error(`an identity of version ${version} cannot be read by this one`);
  const afterName = HEAD_BYTES + bytes.readUInt8(1);
  const profileId = bytes.toString('utf8', HEAD_BYTES, afterName);
  const newestMs = bytes.readDoubleBE(afterName);
  const from = afterName + TIME_BYTES;
  const { joined, end } = version === FULL ? decodeFull(bytes, from) : version === JOINED ? decodeJoined(bytes, from) : { joined: {}, end: from };
  const seen: SeenMessage[] = [];
  for (let at = end; at < bytes.length; at += SEEN_BYTES) seen.push({ hash: bytes.readBigUInt64BE(at), receivedAtMs: newestMs - bytes.readUInt32BE(at + 8) });
  return { profileId, newestMs, seen, ...joined };
}

interface Joined {
  readonly joined: Pick<Identity, 'bond' | 'linked' | 'erased'>;
  readonly end: number;
}

function decodeFull(bytes: Buffer, from: number): Joined {
  const bond = BONDS[bytes.readUInt8(from)];
  let at = from + 1;
  const text = (): string => {
    const begin = at + 1;
    at = begin + bytes.readUInt8(at);
    return bytes.toString('utf8', begin, at);
  };
  const eight = (): number => {
    at += TIME_BYTES;
    return at - TIME_BYTES;
  };
  const time = (): number => bytes.readDoubleBE(eight());
  const profileId = text();
  const erased = profileId === '' ? undefined : { profileId, atMs: time() };
  const linked: LinkedIdentifier[] = [];
  for (let left = bytes.readUInt8(at++); left > 0; left--) {
    const hash = bytes.readBigUInt64BE(eight());
    const receivedAtMs = time();
    const leaf = text();
    linked.push({ hash, receivedAtMs, ...(leaf !== '' && { leaf }) });
  }
  return { joined: { ...(bond && { bond }), ...(linked.length > 0 && { linked }), ...(erased && { erased }) }, end: at };
}

function decodeJoined(bytes: Buffer, from: number): Joined {
  const bond = BONDS[bytes.readUInt8(from)];
  const end = from + JOINED_BYTES + LINKED_BYTES * bytes.readUInt8(from + 1);
  const linked: SeenMessage[] = [];
  for (let at = from + JOINED_BYTES; at < end; at += LINKED_BYTES) linked.push({ hash: bytes.readBigUInt64BE(at), receivedAtMs: bytes.readDoubleBE(at + 8) });
  return { joined: { ...(bond && { bond }), ...(linked.length > 0 && { linked }) }, end };
}
