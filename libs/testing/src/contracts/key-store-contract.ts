import { randomUUID } from 'node:crypto';
import type { FoundKey, KeyStore } from '@attune/sealing/port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const KEY_BYTES = 32;
const aTenant = (): string => `tenant ${randomUUID()}`;
const bytesOf = (found: FoundKey | undefined): Uint8Array => {
  if (found?.kind !== 'key') throw new Error(`no key but ${found?.kind}`);
  return found.bytes;
};

/** What every KeyStore promises. `open` opens one more store on the same data; each case has tenants of its own. */
export function keyStoreContract(name: string, open: () => Promise<KeyStore>): void {
  describe(`${name} keeps the promises of a key store:`, () => {
    let store: KeyStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());
    makingCases(() => store, open);
    destroyingCases(() => store, open);
  });
}

function makingCases(opened: () => KeyStore, open: () => Promise<KeyStore>): void {
  test('a key is made at the first asking and is the same ever after', async () => {
    const tenant = aTenant();
    const made = bytesOf((await opened().ensure(tenant, ['day/2026-11-24'])).get('day/2026-11-24'));
    expect(made).toHaveLength(KEY_BYTES);
    expect(bytesOf((await opened().ensure(tenant, ['day/2026-11-24'])).get('day/2026-11-24'))).toEqual(made);
    expect(bytesOf((await opened().find(tenant, ['day/2026-11-24'])).get('day/2026-11-24'))).toEqual(made);
  });

  test('looking for a key makes none', async () => {
    const tenant = aTenant();
    expect((await opened().find(tenant, ['a'])).get('a')).toEqual({ kind: 'absent' });
    expect((await opened().find(tenant, ['a'])).get('a')).toEqual({ kind: 'absent' });
  });

  test('two callers at once, in two stores, get the same key', async () => {
    const tenant = aTenant();
    const other = await open();
    const found = await Promise.all([opened(), other, opened()].map((store) => store.ensure(tenant, ['a'])));
    await other.close();
    expect(new Set(found.map((keys) => Buffer.from(bytesOf(keys.get('a'))).toString('hex'))).size).toBe(1);
  });

  test('many keys come from one call, all different', async () => {
    const tenant = aTenant();
    const ids = Array.from({ length: 1_024 }, (_, i) => `subject/${i}`);
    const found = await opened().ensure(tenant, [...ids, ...ids]);
    expect([...found.keys()]).toEqual(ids);
    expect(new Set([...found.values()].map((key) => Buffer.from(bytesOf(key)).toString('hex'))).size).toBe(1_024);
    expect(await opened().ensure(tenant, [])).toEqual(new Map());
  });

  test('tenants have keys of their own', async () => {
    const [one, other] = [aTenant(), aTenant()];
    const made = bytesOf((await opened().ensure(one, ['a'])).get('a'));
    expect((await opened().find(other, ['a'])).get('a')).toEqual({ kind: 'absent' });
    expect(bytesOf((await opened().ensure(other, ['a'])).get('a'))).not.toEqual(made);
  });

  test('keys are there after the store is opened again', async () => {
    const tenant = aTenant();
    const made = await opened().ensure(tenant, ['a']);
    await opened().close();
    const after = await open();
    expect(bytesOf((await after.find(tenant, ['a'])).get('a'))).toEqual(bytesOf(made.get('a')));
    await after.close();
  });
}

function destroyingCases(opened: () => KeyStore, open: () => Promise<KeyStore>): void {
  test('a destroyed key stays destroyed, whoever asks and however often', async () => {
    const tenant = aTenant();
    await opened().ensure(tenant, ['a', 'b']);
    await opened().destroy(tenant, ['a']);
    await opened().destroy(tenant, ['a']);
    expect((await opened().find(tenant, ['a'])).get('a')).toEqual({ kind: 'destroyed' });
    expect((await opened().ensure(tenant, ['a', 'b'])).get('a')).toEqual({ kind: 'destroyed' });
    expect((await opened().find(tenant, ['b'])).get('b')?.kind).toBe('key');
  });

  test('a destroyed key stays destroyed after the store is opened again', async () => {
    const tenant = aTenant();
    await opened().ensure(tenant, ['a']);
    await opened().destroy(tenant, ['a']);
    await opened().close();
    const after = await open();
    expect((await after.ensure(tenant, ['a'])).get('a')).toEqual({ kind: 'destroyed' });
    await after.close();
  });

  test('a key that was never made can be destroyed beforehand', async () => {
    const tenant = aTenant();
    await opened().destroy(tenant, ['a']);
    expect((await opened().ensure(tenant, ['a'])).get('a')).toEqual({ kind: 'destroyed' });
  });

  test('destroying a key of one tenant leaves that of another', async () => {
    const [one, other] = [aTenant(), aTenant()];
    await opened().ensure(other, ['a']);
    await opened().destroy(one, ['a']);
    expect((await opened().find(other, ['a'])).get('a')?.kind).toBe('key');
  });

  test('a closed store answers that no key can be had', async () => {
    await opened().close();
    await opened().close();
    await expect(opened().find(aTenant(), ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    await expect(opened().ensure(aTenant(), ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    await expect(opened().destroy(aTenant(), ['a'])).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
  });
}
