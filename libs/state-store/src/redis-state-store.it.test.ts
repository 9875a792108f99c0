import { slotReaderContract } from '@attune/testing/contracts/slot-reader-contract';
import { stateStoreContract } from '@attune/testing/contracts/state-store-contract';
import { aChange, aFullChange, aSlot, bytes, contentsOf, nothing } from '@attune/testing/contracts/state-store-samples';
import { openTcpProxy, type TcpProxy } from '@attune/testing/faults/tcp-proxy';
import { type LocalRedis, startRedis } from '@attune/testing/provision/local-redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisStateStore } from './redis-state-store.ts';

const deadlineMs = 500;
const unavailable = { code: 'STORE_UNAVAILABLE' };

let redis: LocalRedis;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedis({ appendOnly: true });
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.remove();
});

const open = async (url = redis.url): Promise<RedisStateStore> => {
  const store = new RedisStateStore({ url, deadlineMs });
  await store.connected();
  return store;
};

stateStoreContract('RedisStateStore', () => open());
slotReaderContract('RedisStateStore', () => open());

describe('with faults between it and Redis,', () => {
  let proxy: TcpProxy;
  let store: RedisStateStore;
  beforeEach(async () => {
    proxy = await openTcpProxy(redis);
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    return async () => {
      await store.close();
      await proxy.close();
    };
  });
  const answers = () => vi.waitFor(() => store.read(aSlot(), []), { timeout: 10_000, interval: 20 });

  test.each(['drop-replies', 'cut-on-reply'] as const)('a reply lost by %s is STORE_UNAVAILABLE in time, and the change happened once', async (mode) => {
    const slot = aSlot();
    await store.commit(slot, nothing, aChange('0'));
    await admin.config('RESETSTAT');
    proxy.mode = mode;
    const startedMs = performance.now();
    await expect(store.commit(slot, bytes('0'), aFullChange('1'))).rejects.toMatchObject(unavailable);
    expect(performance.now() - startedMs).toBeLessThan(deadlineMs + 1_000);
    proxy.mode = 'pass';
    await answers();
    expect(await functionCalls()).toBe(1);
    expect((await contentsOf(store, slot)).watermark).toBe('1');
  });

  test('a peer that swallows everything is given up in time, and the store recovers by itself', async () => {
    const slot = aSlot();
    proxy.mode = 'blackhole';
    const calls = [store.read(slot, []), store.commit(slot, nothing, aFullChange('1')), store.outbox(slot), store.trim(slot, ['a']), store.due(slot, 1, 1)];
    const startedMs = performance.now();
    const results = await Promise.allSettled(calls);
    expect(performance.now() - startedMs).toBeLessThan(deadlineMs + 1_000);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: unavailable });
    proxy.mode = 'pass';
    await answers();
    expect((await contentsOf(store, slot)).watermark).toBe('');
  });

  test('a lost connection fails the calls at once, and the store recovers by itself', async () => {
    const slot = aSlot();
    proxy.cut();
    await vi.waitFor(() => expect(store.read(slot, [])).rejects.toMatchObject(unavailable), { interval: 1 });
    await answers();
    expect((await store.commit(slot, nothing, aFullChange('1'))).kind).toBe('committed');
  });
});

describe('with a server that', () => {
  test('is full, it answers STORE_FULL, changes nothing, still drains, and recovers', async () => {
    const store = await open();
    const slot = aSlot();
    await store.commit(slot, nothing, aFullChange('1'));
    const contents = await contentsOf(store, slot);
    await admin.config('SET', 'maxmemory', '1mb');
    await expect(store.commit(slot, bytes('1'), aFullChange('2'))).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await contentsOf(store, slot)).toEqual(contents);
    await store.trim(slot, ['1-a', '1-b']);
    expect((await store.outbox(slot)).entries).toEqual([]);
    await admin.config('SET', 'maxmemory', '0');
    expect((await store.commit(slot, bytes('1'), aFullChange('2'))).kind).toBe('committed');
    await store.close();
  });

  test('was killed and started again with its data, it goes on where it was', async () => {
    const store = await open();
    const slot = aSlot();
    await admin.config('SET', 'appendfsync', 'always');
    await store.commit(slot, nothing, aFullChange('1'));
    await redis.kill();
    await expect(store.commit(slot, bytes('1'), aFullChange('2'))).rejects.toMatchObject(unavailable);
    await redis.restart();
    await vi.waitFor(() => store.read(slot, []), { timeout: 10_000, interval: 20 });
    expect((await store.commit(slot, bytes('1'), aFullChange('2'))).kind).toBe('committed');
    await store.close();
  });

  test('lost its functions, it loads them and goes on, several calls at once', async () => {
    const store = await open();
    const slot = aSlot();
    await admin.call('FUNCTION', 'FLUSH');
    const [first, second] = await Promise.all([store.commit(slot, nothing, aFullChange('1')), store.outbox(aSlot())]);
    expect([first.kind, second.entries]).toEqual(['committed', []]);
    await store.close();
  });

  test('lost everything, it finds an empty slot', async () => {
    const store = await open();
    const slot = aSlot();
    await store.commit(slot, nothing, aFullChange('1'));
    await admin.flushall();
    expect(await store.commit(slot, bytes('1'), aFullChange('2'))).toEqual({ kind: 'mismatch', watermark: Buffer.alloc(0) });
    await store.close();
  });

  test('is away from the start, it says so and connects once there is one', async () => {
    const late = await startRedis();
    await late.kill();
    const store = await open(late.url);
    await expect(store.read(aSlot(), [])).rejects.toMatchObject(unavailable);
    await late.restart();
    await vi.waitFor(() => store.commit(aSlot(), nothing, aFullChange('1')), { timeout: 10_000, interval: 20 });
    await store.close();
    await late.remove();
  });
});

test('a closed store answers with a code', async () => {
  const store = await open();
  await store.close();
  await expect(store.read(aSlot(), [])).rejects.toMatchObject(unavailable);
});

/** Function calls that the server has run since its counters were reset. */
async function functionCalls(): Promise<number> {
  return Number(/cmdstat_fcall:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
}
