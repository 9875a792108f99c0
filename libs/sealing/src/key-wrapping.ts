import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Secrets } from '@attune/runtime/world';
import type { KeyId } from './port.ts';

/** The key of a tenant under which data keys lie. */
export type WrappingKey = KeyObject;

/** Whose data key it is: a wrapped key opens only under the same words. */
export type KeyOwner = readonly [tenant: TenantId, id: KeyId];

const SECRET_BYTES_MIN = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** The tenant's wrapping key, derived from the secret `tenant-<tenant>-key` (HKDF, RFC 5869). @throws AttuneError KEY_UNAVAILABLE where there is no such secret or it is shorter than 32 bytes */
export async function wrappingKeyOf(secrets: Secrets, tenant: TenantId): Promise<WrappingKey> {
  const secret = await secrets.get(secretNameOf(tenant));
  if (secret.length < SECRET_BYTES_MIN) throw new AttuneError('KEY_UNAVAILABLE', `The key of the tenant has less than ${SECRET_BYTES_MIN} bytes.`);
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), 'attune wrap', 32)));
}

/** Nonce, ciphertext and tag. */
export function wrapKey(under: WrappingKey, owner: KeyOwner, bytes: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, under, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(owner));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @throws AttuneError KEY_UNAVAILABLE for another wrapping key, another owner or altered bytes */
export function unwrapKey(under: WrappingKey, owner: KeyOwner, wrapped: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, under, wrapped.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(boundTo(owner));
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (fault) {
    throw new AttuneError('KEY_UNAVAILABLE', 'A data key does not open under the key of its tenant.', fault);
  }
}

const boundTo = (owner: KeyOwner): Buffer => Buffer.from(JSON.stringify(owner));

/** A tenant whose name is no name of a secret goes by its hash; the doubled hyphen keeps the two apart. */
const secretNameOf = (tenant: TenantId): string =>
  /^[a-z0-9]+(-[a-z0-9]+)*$/.test(tenant) && tenant.length <= 64
    ? `tenant-${tenant}-key`
    : `tenant--${createHash('sha256').update(tenant).digest('hex').slice(0, 32)}-key`;
