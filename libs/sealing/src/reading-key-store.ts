import { randomBytes } from 'node:crypto';
import { AttuneError } from '@attune/kernel/errors';
import type { FoundKey, KeyStore } from './port.ts';

/**
 * Keys for reading alone: nothing is made or destroyed in the store. Where a fold asks for a key that nobody has made, it gets one that ends with the process:
 * nothing lies sealed under it.
 */
export function readingKeyStore(store: Pick<KeyStore, 'find' | 'close'>): KeyStore {
  const made = new Map<string, Uint8Array>();
  const passing = (name: string): Uint8Array => {
    const bytes = made.get(name) ?? randomBytes(KEY_BYTES);
    made.set(name, bytes);
    return bytes;
  };
  return {
    find: (tenant, ids) => store.find(tenant, ids),
    ensure: async (tenant, ids) => {
      const found = await store.find(tenant, ids);
      const present = ([id, key]: [string, FoundKey]): [string, FoundKey] => [
        id,
        key.kind === 'absent' ? { kind: 'key', bytes: passing(`${tenant}\n${id}`) } : key,
      ];
      return new Map([...found].map(present));
    },
    destroy: async () => {
      throw new AttuneError('INTERNAL', 'These keys are only read.');
    },
    close: () => store.close(),
  };
}

const KEY_BYTES = 32;
