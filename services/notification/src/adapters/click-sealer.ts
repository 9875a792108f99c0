import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ClickLink, ClickSealer } from '../ports.ts';

const KIND = 'click/1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

type Said = readonly [string, string, string, string, string, string, number, number, string];

/** Seals links that count their clicks (AES-256-GCM; the nonce comes from what is sealed, as in ADR 15). A token has one spelling only. */
export function clickSealer(secret: Uint8Array): ClickSealer {
  const [seal, nonceKey] = [derived(secret, 'seal'), derived(secret, 'nonce')];
  const sealed = (plain: Uint8Array): string => {
    const nonce = createHmac('sha256', nonceKey).update(plain).digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', seal, nonce).setAAD(Buffer.from(KIND));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  };
  return {
    tokenOf: ({ tenant, profileId, leaf, decisionId, deliveryId, campaign, hops, place, target }) =>
      sealed(Buffer.from(JSON.stringify([tenant, profileId, leaf, decisionId, deliveryId, campaign, hops, place, target] satisfies Said))),
    read: (token) => {
      const plain = opened(seal, Buffer.from(token, 'base64url'));
      return plain === undefined || sealed(plain) !== token ? undefined : linkOf(JSON.parse(plain.toString('utf8')) as Said);
    },
  };
}

const derived = (secret: Uint8Array, use: string): KeyObject => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `${KIND} ${use}`, KEY_BYTES)));

function opened(key: KeyObject, bytes: Buffer): Buffer | undefined {
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(KIND)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function linkOf([tenant, profileId, leaf, decisionId, deliveryId, campaign, hops, place, target]: Said): ClickLink {
  return { tenant, profileId, leaf, decisionId, deliveryId, campaign, hops, place, target };
}
