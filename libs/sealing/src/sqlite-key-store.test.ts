import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AttuneError } from '@attune/kernel/errors';
import type { Secrets } from '@attune/runtime/world';
import { keyStoreContract } from '@attune/testing/contracts/key-store-contract';
import { afterAll, expect, test } from 'vitest';
import type { FoundKey } from './port.ts';
import { SqliteKeyStore } from './sqlite-key-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A secret of each name, made of the name and a seed; refuses names that a folder of secrets would refuse. */
const secretsOf = (seed: string, asked: string[] = []): Secrets => ({
  get: async (name) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`${name} is no name of a secret`);
    asked.push(name);
    return createHash('sha256').update(seed).update(name).digest();
  },
});
const secrets = secretsOf('ours');
const keyOf = (found: FoundKey | undefined): Buffer => (found?.kind === 'key' ? Buffer.from(found.bytes) : Buffer.alloc(0));
const onDisk = (path: string): Buffer => Buffer.concat([path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)));

keyStoreContract('SqliteKeyStore', async () => new SqliteKeyStore({ path: join(folder, 'keys.sqlite'), secrets }));

test('what lies in the file is not the key', async () => {
  const path = join(folder, 'wrapped.sqlite');
  const store = new SqliteKeyStore({ path, secrets });
  const key = keyOf((await store.ensure('default', ['a'])).get('a'));
  expect(key).toHaveLength(32);
  expect(onDisk(path).includes(key)).toBe(false);
  expect(onDisk(path).length).toBeGreaterThan(0);
  await store.close();
});

test('the file without the secret of the tenant opens nothing', async () => {
  const path = join(folder, 'stolen.sqlite');
  const store = new SqliteKeyStore({ path, secrets });
  await store.ensure('default', ['a']);
  await store.close();
  const other = new SqliteKeyStore({ path, secrets: secretsOf('theirs') });
  await expect(other.find('default', ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await expect(other.ensure('default', ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await other.close();
  const none: Secrets = { get: () => Promise.reject(new AttuneError('KEY_UNAVAILABLE')) };
  const without = new SqliteKeyStore({ path, secrets: none });
  await expect(without.find('default', ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await without.close();
});

test('a wrapped key that was moved to another id or tenant does not open', async () => {
  const path = join(folder, 'moved.sqlite');
  const store = new SqliteKeyStore({ path, secrets: { get: async () => Buffer.alloc(32, 7) } });
  await store.ensure('default', ['a']);
  const thief = new DatabaseSync(path);
  thief.exec("INSERT INTO keys SELECT tenant, 'b', wrapped FROM keys; INSERT INTO keys SELECT 'other', 'a', wrapped FROM keys WHERE id = 'a'");
  thief.close();
  await expect(store.find('default', ['b'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await expect(store.find('other', ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  expect((await store.find('default', ['a'])).get('a')?.kind).toBe('key');
  await store.close();
});

test('no bytes of a destroyed key stay in its files', async () => {
  const path = join(folder, 'destroyed.sqlite');
  const store = new SqliteKeyStore({ path, secrets });
  await store.ensure('default', ['a', 'b', 'c']);
  const reader = new DatabaseSync(path);
  const wrapped = Buffer.from(reader.prepare("SELECT wrapped FROM keys WHERE id = 'b'").get()?.['wrapped'] as Uint8Array);
  reader.close();
  expect(onDisk(path).includes(wrapped)).toBe(true);
  await store.destroy('default', ['b']);
  expect(onDisk(path).includes(wrapped.subarray(12, 28))).toBe(false);
  await store.close();
});

test('a tenant whose name is no name of a secret has one all the same, and no other has the same', async () => {
  const asked: string[] = [];
  const store = new SqliteKeyStore({ path: ':memory:', secrets: secretsOf('ours', asked) });
  for (const tenant of ['default', 'Zürich', 'zürich', '../etc', '', 'a-', 'x'.repeat(300)]) await store.ensure(tenant, ['a']);
  expect(asked).toContain('tenant-default-key');
  expect(new Set(asked).size).toBe(7);
  await store.close();
});

test('a secret that is too short is refused', async () => {
  const store = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => new Uint8Array(8) } });
  await expect(store.ensure('default', ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  await store.close();
});
