import { randomBytes } from 'node:crypto';
import type { FoundKey, KeyStore } from './port.ts';

/**
 * Keys for reading alone: nothing is made or destroyed in the store. Where a fold asks for a key that nobody has made, it gets one that ends with the process:
 * nothing lies sealed under it. What a fold destroys is destroyed for this process alone.
 */
export function readingKeyStore(store: Pick<KeyStore, 'find' | 'close'>): KeyStore {
  const made = new Map<string, Uint8Array>();
  const destroyed = new Set<string>();
  const passing = (name: string): Uint8Array => {
    const bytes = made.get(name) ?? randomBytes(KEY_BYTES);
    made.set(name, bytes);
    return bytes;
  };
  const find: KeyStore['find'] = async (tenant, ids) => {
    const buried = ([id, key]: [string, FoundKey]): [string, FoundKey] => [id, destroyed.has(nameOf(tenant, id)) ? { kind: 'destroyed' } : key];
    return new Map([...(await store.find(tenant, ids))].map(buried));
  };
  return {
    find,
    ensure: async (tenant, ids) => {
      const present = ([id, key]: [string, FoundKey]): [string, FoundKey] => [
        id,
        key.kind === 'absent' ? { kind: 'key', bytes: passing(nameOf(tenant, id)) } : key,
      ];
      return new Map([...(await find(tenant, ids))].map(present));
    },
    destroy: async (tenant, ids) => {
      for (const id of ids) destroyed.add(nameOf(tenant, id));
    },
    close: () => store.close(),
  };
}

const nameOf = (tenant: string, id: string): string => `${tenant}\n${id}`;
const KEY_BYTES = 32;
