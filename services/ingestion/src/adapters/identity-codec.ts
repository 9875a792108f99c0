import type { IdentityChange } from '../domain/identity-history.ts';
import type { QuarantineList, QuarantineReason } from '../domain/quarantine.ts';
import type { ErasedProfile, Identity, LinkedIdentifier, SeenMessage } from '../domain/resolve-identity.ts';
import type { IdentityCodec } from '../ports.ts';
import { eightOf, named, PartsReader, timeOf } from './bytes-parts.ts';

/** An identifier that is joined to none; two shapes of earlier versions of one that is; the quarantine of a partition; and one that is joined, quarantined, or whose person was erased. */
const [ALONE, JOINED, FULL, QUARANTINE, TOLD] = [1, 2, 3, 4, 5] as const;
const BONDS = [undefined, 'linked', 'shared'] as const;
const REASONS: readonly (QuarantineReason | undefined)[] = [undefined, 'customers', 'devices'];
const KINDS = ['opened', 'moved', 'handed_on', 'quarantined', 'allowed'] as const satisfies readonly IdentityChange['kind'][];
const HEAD_BYTES = 2;
const TIME_BYTES = 8;
const SEEN_BYTES = 12;

/**
 * Version, length of the profile id, profile id, newest time (float 64). TOLD: the bond; the profile id that was erased (empty = none) and the time of the erasure;
 * the count of links, and for each its hash, its time and the keyed hash; the reason of a quarantine (0 = none) and its time; the count of changes, and for each its kind, its time, the profiles
 * from and to, the keyed hash of its cause, and its record. Then 12 bytes a message: its hash (64 bits) and how long before the newest it was taken (32 bits hold 49 days, and at most one is
 * remembered). Big-endian; texts with their length in a byte, times as float 64.
 */
export const identityCodec: IdentityCodec = { encode, decode, encodeQuarantine, decodeQuarantine };

function encode({ profileId, newestMs, seen, ...joined }: Identity): Uint8Array {
  const name = Buffer.from(profileId);
  const parts = toldParts(joined);
  const head = Buffer.alloc(HEAD_BYTES + name.length + TIME_BYTES);
  head.writeUInt8(parts.length > 0 ? TOLD : ALONE, 0);
  head.writeUInt8(name.length, 1);
  name.copy(head, HEAD_BYTES);
  head.writeDoubleBE(newestMs, HEAD_BYTES + name.length);
  const messages = Buffer.alloc(SEEN_BYTES * seen.length);
  let at = 0;
  for (const { hash, receivedAtMs } of seen) at = messages.writeUInt32BE(newestMs - receivedAtMs, messages.writeBigUInt64BE(hash, at));
  return Buffer.concat([head, ...parts, messages]);
}

type ToldParts = Omit<Identity, 'profileId' | 'newestMs' | 'seen'>;

function toldParts({ bond, linked = [], erased, changes = [], quarantined }: ToldParts): readonly Buffer[] {
  if (bond === undefined && linked.length === 0 && erased === undefined && changes.length === 0 && quarantined === undefined) return [];
  return [
    Buffer.from([BONDS.indexOf(bond)]),
    ...erasedParts(erased),
    Buffer.from([linked.length]),
    ...linked.flatMap(({ hash, receivedAtMs, leaf = '' }) => [eightOf(hash), timeOf(receivedAtMs), ...named(leaf)]),
    Buffer.from([REASONS.indexOf(quarantined?.reason)]),
    ...(quarantined ? [timeOf(quarantined.sinceMs)] : []),
    Buffer.from([changes.length]),
    ...changes.flatMap(changeParts),
  ];
}

const erasedParts = (erased: ErasedProfile | undefined): readonly Buffer[] => (erased ? [...named(erased.profileId), timeOf(erased.atMs)] : named(''));

const changeParts = ({ kind, atMs, from, to, by, record }: IdentityChange): readonly Buffer[] => [
  Buffer.from([KINDS.indexOf(kind)]),
  timeOf(atMs),
  ...[from, to, by, record].flatMap(named),
];

function decode(stored: Uint8Array): Identity {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const version = bytes.readUInt8(0);
  if (version === QUARANTINE || version > TOLD || version < ALONE) throw new Error(`an identity of version ${version} cannot be read by this one`);
  const reader = new PartsReader(bytes, 1);
  const profileId = reader.text();
  const newestMs = reader.time();
  const told = version === ALONE ? {} : version === JOINED ? readJoined(reader) : readTold(reader, version);
  const seen: SeenMessage[] = [];
  while (reader.at < bytes.length) {
    seen.push({ hash: reader.eight(), receivedAtMs: newestMs - bytes.readUInt32BE(reader.at) });
    reader.at += SEEN_BYTES - TIME_BYTES;
  }
  return { profileId, newestMs, seen, ...told };
}

function readTold(reader: PartsReader, version: number): ToldParts {
  const bond = BONDS[reader.byte()];
  const profileId = reader.text();
  const erased = profileId === '' ? undefined : { profileId, atMs: reader.time() };
  const linked = reader.list((): LinkedIdentifier => {
    const [hash, receivedAtMs, leaf] = [reader.eight(), reader.time(), reader.text()];
    return { hash, receivedAtMs, ...(leaf !== '' && { leaf }) };
  });
  const joined = { ...(bond && { bond }), ...(linked.length > 0 && { linked }), ...(erased && { erased }) };
  if (version === FULL) return joined;
  const reason = REASONS[reader.byte()];
  const quarantined = reason && { sinceMs: reader.time(), reason };
  const changes = reader.list(() => readChange(reader));
  return { ...joined, ...(quarantined && { quarantined }), ...(changes.length > 0 && { changes }) };
}

function readChange(reader: PartsReader): IdentityChange {
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new Error('a change of an identity has a kind that this version does not know');
  return { kind, atMs: reader.time(), from: reader.text(), to: reader.text(), by: reader.text(), record: reader.text() };
}

function readJoined(reader: PartsReader): ToldParts {
  const bond = BONDS[reader.byte()];
  const linked = reader.list((): LinkedIdentifier => ({ hash: reader.eight(), receivedAtMs: reader.time() }));
  return { ...(bond && { bond }), ...(linked.length > 0 && { linked }) };
}

function encodeQuarantine(list: QuarantineList): Uint8Array {
  const one = ([leaf, { sinceMs, reason }]: [string, { readonly sinceMs: number; readonly reason: QuarantineReason }]) => [
    ...named(leaf),
    timeOf(sinceMs),
    Buffer.from([REASONS.indexOf(reason)]),
  ];
  return Buffer.concat([Buffer.from([QUARANTINE]), ...[...list].flatMap(one)]);
}

function decodeQuarantine(stored: Uint8Array): QuarantineList | undefined {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes.readUInt8(0) !== QUARANTINE) return undefined;
  const reader = new PartsReader(bytes, 1);
  const list = new Map<string, { readonly sinceMs: number; readonly reason: QuarantineReason }>();
  while (reader.at < bytes.length) {
    const leaf = reader.text();
    const sinceMs = reader.time();
    list.set(leaf, { sinceMs, reason: REASONS[reader.byte()] ?? 'customers' });
  }
  return list;
}
