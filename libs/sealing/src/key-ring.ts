import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Sealed } from '@attune/contracts/messages/log/v1/log';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Stopwatch } from '@attune/runtime/world';
import { type KeyedHash, keyedHash } from './keyed-hash.ts';
import type { FoundKey, KeyId, KeyStore } from './port.ts';

/** What an envelope is bound to: it opens only with the same words. */
export interface EnvelopeOf {
  readonly tenant: TenantId;
  /** The profile, or the identifier's hash where no profile is known yet. */
  readonly subject: string;
  /** The message or record that it is part of. */
  readonly id: string;
}

interface Held {
  readonly found: { readonly kind: 'key'; readonly seal: KeyObject; readonly nonce: KeyedHash } | { readonly kind: 'destroyed' } | { readonly kind: 'absent' };
  readonly readAtMs: number;
  /** When it was last asked for: whoever asked may be about to use it. */
  askedAtMs: number;
}

const HELD_MAX_MS = 55_000;
const HELD_KEYS_MAX = 50_000;
const IN_USE_MS = 10_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DERIVED_BYTES = 32;

/**
 * Data keys in memory, so that pure folds can seal and open without waiting: `ensure` or `load` first, then at once `seal` and `open`.
 * A key that was read more than 55 s ago is read again when it is asked for, so a destroyed one is noticed within 60 s, although a key store may answer from a view that is 5 s old.
 *
 * AES-256-GCM; the nonce is a keyed hash of what is sealed and what it is bound to, so that the same fold makes the same bytes
 * and one nonce never meets two texts (the idea of SIV, RFC 8452).
 */
export class KeyRing {
  readonly #store: KeyStore;
  readonly #stopwatch: Stopwatch;
  readonly #held = new Map<string, Held>();

  constructor(store: KeyStore, stopwatch: Stopwatch) {
    this.#store = store;
    this.#stopwatch = stopwatch;
  }

  /** Holds these keys, made where absent. @throws AttuneError KEY_UNAVAILABLE */
  async ensure(tenant: TenantId, ids: Iterable<KeyId>): Promise<void> {
    await this.#fetch(tenant, ids, (wanted) => this.#store.ensure(tenant, wanted));
  }

  /** Holds these keys as far as they exist. @throws AttuneError KEY_UNAVAILABLE */
  async load(tenant: TenantId, ids: Iterable<KeyId>): Promise<void> {
    await this.#fetch(tenant, ids, (wanted) => this.#store.find(tenant, wanted));
  }

  /** Destroys keys for good; from here on this ring knows it too, and others within 60 s. @throws AttuneError KEY_UNAVAILABLE */
  async destroy(tenant: TenantId, ids: readonly KeyId[]): Promise<void> {
    await this.#store.destroy(tenant, ids);
    const nowMs = this.#stopwatch.elapsedMs();
    for (const id of ids) this.#hold(nameOf(tenant, id), { kind: 'destroyed' }, nowMs);
  }

  /** True for a key that is known to be destroyed. It must be held, or the answer is no. */
  isDestroyed(tenant: TenantId, keyId: KeyId): boolean {
    return this.#held.get(nameOf(tenant, keyId))?.found.kind === 'destroyed';
  }

  /** Seals bytes under a held key. Same key, words and bytes: same envelope. @throws AttuneError ERASED for a destroyed key, KEY_UNAVAILABLE for one that is not held */
  seal(keyId: KeyId, { tenant, subject, id }: EnvelopeOf, plain: Uint8Array): Sealed {
    const { seal, nonce: nonceKey } = this.#keyOf(tenant, keyId);
    const bound = boundTo({ tenant, subject, id });
    const nonce = nonceKey.digest(bound, plain).subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', seal, nonce, { authTagLength: TAG_BYTES }).setAAD(bound);
    return { keyId, nonce, ciphertext: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
  }

  /** The bytes of an envelope. @throws AttuneError ERASED for a destroyed key; KEY_UNAVAILABLE for one that is not held or an envelope that is bound to something else or broken */
  open({ keyId, nonce, ciphertext }: Sealed, { tenant, subject, id }: EnvelopeOf): Uint8Array {
    const { seal } = this.#keyOf(tenant, keyId);
    try {
      // without a fixed length a tag cut to 4 bytes would do
      const decipher = createDecipheriv('aes-256-gcm', seal, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo({ tenant, subject, id }));
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
      const plain = decipher.update(ciphertext.subarray(0, -TAG_BYTES)); // all of it: GCM holds nothing back
      decipher.final();
      return plain;
    } catch (fault) {
      throw new AttuneError('KEY_UNAVAILABLE', 'The envelope does not open.', fault);
    }
  }

  /** Does nothing while the key is held. @throws AttuneError ERASED for a destroyed key, KEY_UNAVAILABLE for one that is not held */
  check(tenant: TenantId, keyId: KeyId): void {
    this.#keyOf(tenant, keyId);
  }

  /** How many keys of each kind are held now. */
  held(): Readonly<Record<FoundKey['kind'], number>> {
    const sums = { key: 0, destroyed: 0, absent: 0 };
    for (const { found } of this.#held.values()) sums[found.kind]++;
    return sums;
  }

  #keyOf(tenant: TenantId, keyId: KeyId) {
    const found = this.#held.get(nameOf(tenant, keyId))?.found;
    if (found?.kind === 'key') return found;
    throw new AttuneError(found?.kind === 'destroyed' ? 'ERASED' : 'KEY_UNAVAILABLE');
  }

  async #fetch(tenant: TenantId, ids: Iterable<KeyId>, from: (wanted: readonly KeyId[]) => Promise<ReadonlyMap<KeyId, FoundKey>>): Promise<void> {
    const nowMs = this.#stopwatch.elapsedMs();
    const wanted = [...new Set(ids)].filter((id) => {
      const held = this.#held.get(nameOf(tenant, id));
      if (held !== undefined) held.askedAtMs = nowMs;
      return held === undefined || held.found.kind === 'absent' || nowMs - held.readAtMs > HELD_MAX_MS;
    });
    if (wanted.length === 0) return;
    if (this.#held.size + wanted.length > HELD_KEYS_MAX) this.#forgetOld(nowMs);
    for (const [id, found] of await from(wanted)) this.#hold(nameOf(tenant, id), found, nowMs);
  }

  /** Answers may overtake each other: what was destroyed stays destroyed, and a key that another call has made meanwhile is not absent. */
  #hold(name: string, found: FoundKey, nowMs: number): void {
    const before = this.#held.get(name)?.found.kind;
    if (before === 'destroyed' && found.kind !== 'destroyed') return;
    if (before === 'key' && found.kind === 'absent') return;
    this.#held.delete(name); // so that the longest held come first
    this.#held.set(name, { found: found.kind === 'key' ? derived(found.bytes) : found, readAtMs: nowMs, askedAtMs: nowMs });
  }

  /** Lets go of what was read longest ago, half of all at most, and never of what a step was just promised. */
  #forgetOld(nowMs: number): void {
    let left = this.#held.size / 2;
    for (const [name, { askedAtMs }] of this.#held) {
      if (left <= 0) break;
      if (nowMs - askedAtMs < IN_USE_MS) continue;
      this.#held.delete(name);
      left--;
    }
  }
}

const nameOf = (tenant: TenantId, id: KeyId): string => `${tenant}\n${id}`;
const boundTo = ({ tenant, subject, id }: EnvelopeOf): Buffer => Buffer.from(JSON.stringify([tenant, subject, id]));

/** One key for sealing and another for nonces (HKDF, RFC 5869). The first as an object, since Node 24 takes three to six times as long with a key in bytes. */
function derived(bytes: Uint8Array) {
  const both = Buffer.from(hkdfSync('sha256', createSecretKey(bytes), new Uint8Array(), 'attune seal and nonce', 2 * DERIVED_BYTES));
  return { kind: 'key', seal: createSecretKey(both.subarray(0, DERIVED_BYTES)), nonce: keyedHash(both.subarray(DERIVED_BYTES)) } as const;
}
