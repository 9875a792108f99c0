import type { LogRecord, NewRecord, TenantId } from '@attune/event-log/port';
import type { KeyId } from './port.ts';

/** A data key's place in all tenants: the JSON of tenant and id, which is also the record key of its marker. */
export type KeyName = string;

/** What a record of the topic of keys says (docs/adr/0016): someone proposes a wrapped key, a key is destroyed for good, or a proposal is taken back. */
export type KeyEntry =
  | { readonly kind: 'candidate'; readonly name: KeyName; readonly wrapped: Uint8Array }
  | { readonly kind: 'marker'; readonly name: KeyName }
  | { readonly kind: 'tombstone'; readonly name: KeyName };

/** The place of a key. */
export const keyNameOf = (tenant: TenantId, id: KeyId): KeyName => JSON.stringify([tenant, id]);

/** The record key of a candidate: its place and its nonce, so that no other candidate can replace it in a compacted topic. */
export const candidateKeyOf = (name: KeyName, wrapped: Uint8Array): string =>
  `${name.slice(0, -1)},"${Buffer.from(wrapped.subarray(0, NONCE_BYTES)).toString('base64url')}"]`;

/** Proposes a wrapped key. */
export const candidateRecord = (name: KeyName, wrapped: Uint8Array): NewRecord => ({ ...common, key: candidateKeyOf(name, wrapped), value: wrapped });

/** Says that the key is destroyed, whatever else is said of it before or after. Has a value, so that compaction keeps it for ever. */
export const markerRecord = (name: KeyName): NewRecord => ({ ...common, key: name, value: MARK });

/** Lets compaction remove a candidate. */
export const tombstoneRecord = (candidateKey: string): NewRecord => ({ ...common, key: candidateKey, value: new Uint8Array(0), tombstone: true });

/** What the record says, or undefined for one that is not of this shape: others' records must not keep the keys from being read. */
export function keyEntryOf({ key, value, tombstone }: LogRecord): KeyEntry | undefined {
  const words = wordsOf(key);
  const [tenant, id] = words;
  if (tenant === undefined || id === undefined || words.length > 3) return undefined;
  const name = keyNameOf(tenant, id);
  if (words.length === 2) return tombstone ? undefined : { kind: 'marker', name };
  if (tombstone) return { kind: 'tombstone', name };
  return value.length === WRAPPED_BYTES && candidateKeyOf(name, value) === key ? { kind: 'candidate', name, wrapped: value } : undefined;
}

const NONCE_BYTES = 12;
const WRAPPED_BYTES = 60;
const MARK = new TextEncoder().encode('destroyed');

/** One partition whatever the topic has: one order of all that is said of a key, also when partitions are added. */
const common = { partition: 0, headers: { 'content-type': 'application/octet-stream', type: 'attune.keys.v1' } } as const;

function wordsOf(key: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(key);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : [];
  } catch {
    return [];
  }
}
