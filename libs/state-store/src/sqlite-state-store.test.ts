import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slotReaderContract } from '@attune/testing/contracts/slot-reader-contract';
import { stateStoreContract } from '@attune/testing/contracts/state-store-contract';
import { aChange, aFullChange, aSlot, bytes, contentsOf, nothing } from '@attune/testing/contracts/state-store-samples';
import { afterAll, expect, test } from 'vitest';
import { SqliteStateStore } from './sqlite-state-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-store-'));
const file = join(folder, 'store.sqlite');
afterAll(() => rmSync(folder, { recursive: true }));

stateStoreContract('SqliteStateStore in memory', async () => new SqliteStateStore(':memory:'));
stateStoreContract('SqliteStateStore in a file', async () => new SqliteStateStore(file));
slotReaderContract('SqliteStateStore in a file', async () => new SqliteStateStore(file));

test('what was committed is there after the file is opened again', async () => {
  const slot = aSlot();
  const before = new SqliteStateStore(file);
  await before.commit(slot, nothing, aFullChange('1'));
  const contents = await contentsOf(before, slot);
  await before.close();
  const after = new SqliteStateStore(file);
  expect(await contentsOf(after, slot)).toEqual(contents);
  expect((await after.commit(slot, bytes('1'), aChange('2'))).kind).toBe('committed');
  await after.close();
});

test('a second store on the file sees each commit, and of two stale writers one wins', async () => {
  const slot = aSlot();
  const stores = [new SqliteStateStore(file), new SqliteStateStore(file)] as const;
  await stores[0].commit(slot, nothing, aFullChange('1'));
  expect((await contentsOf(stores[1], slot)).watermark).toBe('1');
  const results = await Promise.all(stores.map((store, i) => store.commit(slot, bytes('1'), aFullChange(`by ${i}`))));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['committed', 'mismatch']);
  for (const store of stores) await store.close();
});

test('a closed store and a folder that does not exist answer with a code', async () => {
  const store = new SqliteStateStore(':memory:');
  await store.close();
  await store.close();
  await expect(store.read(aSlot(), [])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(() => new SqliteStateStore(join(folder, 'absent', 'store.sqlite'))).toThrow('STORE_UNAVAILABLE');
});

test('a full disk is told apart from an absent one, and nothing of the step stays', async () => {
  const path = join(folder, 'small.sqlite');
  const store = new SqliteStateStore(path, { pagesMax: 40 });
  const slot = aSlot();
  await store.commit(slot, nothing, aFullChange('1'));
  const contents = await contentsOf(store, slot);
  const large = aChange('2', { states: new Map([['default:profile:ana', new Uint8Array(400_000)]]), published: ['1-a'] });
  await expect(store.commit(slot, bytes('1'), large)).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(await contentsOf(store, slot)).toEqual(contents);
  expect((await store.commit(slot, bytes('1'), aFullChange('2'))).kind).toBe('committed');
  await store.close();
});

test('a store that lost the end of its write-ahead log, at whatever byte, stands whole at an earlier commit', async () => {
  const slot = aSlot();
  const path = join(folder, 'cut.sqlite');
  const store = new SqliteStateStore(path);
  const wholes = new Map([['', await contentsOf(store, slot)]]);
  let before = '';
  for (const after of ['1', '2', '3', '4', '5']) {
    await store.commit(slot, bytes(before), aFullChange(after));
    wholes.set(after, await contentsOf(store, slot));
    before = after;
  }
  const walBytes = statSync(`${path}-wal`).size;
  const seen = new Set<string>();
  for (let cut = 0; cut <= walBytes; cut += 1_501) {
    const copy = join(folder, `cut-${cut}.sqlite`);
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    truncateSync(`${copy}-wal`, walBytes - cut);
    const left = new SqliteStateStore(copy);
    const contents = await contentsOf(left, slot);
    seen.add(contents.watermark);
    expect(contents).toEqual(wholes.get(contents.watermark));
    await left.close();
  }
  await store.close();
  expect([...seen]).toEqual(['5', '4', '3', '2', '1', '']);
});
