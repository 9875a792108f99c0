import type { StateStore } from '@attune/state-store/port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aChange, aFullChange, aSlot, bytes, contentsOf, nothing, text } from './state-store-samples.ts';

const committed = { kind: 'committed' };

/** What every StateStore promises. `makeStore` opens one more store on the same data; each case has a slot of its own and closes its store. */
export function stateStoreContract(name: string, makeStore: () => Promise<StateStore>): void {
  describe(`${name} keeps the promises of a state store:`, () => {
    let store: StateStore;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());
    const opened = (): StateStore => store;
    commitCases(opened);
    keyCases(opened);
    outboxCases(opened);
    dueCases(opened);
    isolationCases(opened);
  });
}

function commitCases(opened: () => StateStore): void {
  test('an untouched slot is empty', async () => {
    const empty = { watermark: '', outboxWatermark: '', states: [undefined, undefined], outbox: [], due: [], skipped: [] };
    expect(await contentsOf(opened(), aSlot())).toEqual(empty);
  });

  test('reading no key gives the watermark alone', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aChange('1'));
    expect(await opened().read(slot, [])).toEqual({ watermark: expect.anything(), states: [] });
  });

  test('what was committed is read back whole', async () => {
    const slot = aSlot();
    expect(await opened().commit(slot, nothing, aFullChange('1'))).toEqual(committed);
    expect(await contentsOf(opened(), slot)).toEqual(FIRST);
  });

  test('a commit that expects another watermark changes nothing and says which one stands there', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aFullChange('1'));
    const rest = { published: ['1-a'], states: new Map([['default:profile:ana', undefined]]), due: new Map([['default:profile:budi', undefined]]) };
    const result = await opened().commit(slot, bytes('0'), { ...aFullChange('2'), ...rest });
    expect(result.kind === 'mismatch' && text(result.watermark)).toBe('1');
    expect(await contentsOf(opened(), slot)).toEqual(FIRST);
  });

  test('of two writers that expect the same watermark one wins', async () => {
    const slot = aSlot();
    const one = aChange('a', { states: new Map([['default:profile:ana', bytes('a')]]) });
    const other = aChange('b', { states: new Map([['default:profile:ana', bytes('b')]]) });
    const results = await Promise.all([opened().commit(slot, nothing, one), opened().commit(slot, nothing, other)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['committed', 'mismatch']);
    const { watermark, states } = await contentsOf(opened(), slot);
    expect(states[0]).toBe(watermark);
  });

  test('a watermark may be any bytes, and is compared as bytes', async () => {
    const slot = aSlot();
    const watermark = Uint8Array.of(0, 255, 13, 10, 0);
    await opened().commit(slot, nothing, { ...aChange(''), watermark });
    expect((await opened().commit(slot, watermark.subarray(0, 4), aChange('x'))).kind).toBe('mismatch');
    expect(await opened().commit(slot, watermark, aChange('x'))).toEqual(committed);
  });

  test('a removed state is absent, an empty one is not', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aFullChange('1'));
    const states = new Map([
      ['default:profile:ana', undefined],
      ['default:profile:budi', nothing],
    ]);
    await opened().commit(slot, bytes('1'), aChange('2', { states }));
    expect((await contentsOf(opened(), slot)).states).toEqual([undefined, '']);
  });

  test('a change that the store cannot take changes nothing', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aFullChange('1'));
    const change = { ...aFullChange('2'), published: ['1-a'], due: new Map([['default:profile:ana', Number.NaN]]) };
    await expect(opened().commit(slot, bytes('1'), change)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await contentsOf(opened(), slot)).toEqual(FIRST);
  });

  test('the largest step goes through in one commit', async () => {
    const slot = aSlot();
    const states = new Map(Array.from({ length: 1_024 }, (_, i) => [`default:profile:${i}`, new Uint8Array(400).fill(i)]));
    const emissions = Array.from({ length: 3_000 }, (_, i) => ({ id: `e${String(i).padStart(5, '0')}`, body: Uint8Array.of(i & 255, i >> 8) }));
    const due = new Map([...states.keys()].map((key, i) => [key, i]));
    const skipped = new Map(Array.from({ length: 9_001 }, (_, i) => [i, 'RECORD_SKIPPED']));
    expect(await opened().commit(slot, nothing, aChange('1', { states, emissions, due, skipped }))).toEqual(committed);
    const read = await opened().read(slot, [...states.keys()]);
    expect(read.states.every((state, i) => state?.length === 400 && state[399] === (i & 255))).toBe(true);
    expect((await opened().outbox(slot)).entries.map(({ id }) => id)).toEqual(emissions.map(({ id }) => id));
    expect(await opened().due(slot, 5_000, 5_000)).toHaveLength(1_024);
    expect((await opened().skipped(slot)).size).toBe(9_001);
    const published = emissions.map(({ id }) => id);
    const gone = new Map([...states.keys()].map((key) => [key, undefined]));
    expect(await opened().commit(slot, bytes('1'), aChange('2', { states: gone, due: gone, published }))).toEqual(committed);
    expect(await contentsOf(opened(), slot)).toMatchObject({ watermark: '2', states: [undefined, undefined], outbox: [], due: [] });
  });

  test('the bytes that were given may be used again after the commit', async () => {
    const slot = aSlot();
    const buffer = new Uint8Array(8).fill(1);
    await opened().commit(slot, nothing, aChange('1', { states: new Map([['default:profile:ana', buffer.subarray(2, 4)]]) }));
    buffer.fill(9);
    expect((await contentsOf(opened(), slot)).states[0]).toBe('\x01\x01');
  });

  test('skipped offsets add up over commits', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aChange('1', { skipped: new Map([[9_007_199_254_740_991, 'INTERNAL']]) }));
    await opened().commit(slot, bytes('1'), aChange('2', { skipped: new Map([[3, 'RECORD_SKIPPED']]) }));
    const both = [
      [3, 'RECORD_SKIPPED'],
      [9_007_199_254_740_991, 'INTERNAL'],
    ];
    expect([...(await opened().skipped(slot))]).toEqual(both);
  });
}

const FIRST = {
  watermark: '1',
  outboxWatermark: '1',
  states: ['ana 1', 'budi 1'],
  outbox: [
    ['1-a', 'first'],
    ['1-b', 'second'],
  ],
  due: [
    { key: 'default:profile:budi', dueAtMs: 1_000 },
    { key: 'default:profile:ana', dueAtMs: 2_000 },
  ],
  skipped: [[7, 'RECORD_SKIPPED']],
};

function keyCases(opened: () => StateStore): void {
  test.each(['w', 's:w', '', '__proto__', 'constructor', 'ibu 🦋 naïve ﷺ', 'a\0b', '{tag}:\r\n"\'\\', ' '])('a state may be named %j', async (key) => {
    const slot = aSlot();
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    await opened().commit(slot, nothing, aChange('1', { states: new Map([[key, body]]), emissions: [{ id: key, body }], due: new Map([[key, 5]]) }));
    expect(await contentsOf(opened(), slot, [key, 'other', key])).toEqual({
      watermark: '1',
      outboxWatermark: '1',
      states: [text(body), undefined, text(body)],
      outbox: [[key, text(body)]],
      due: [{ key, dueAtMs: 5 }],
      skipped: [],
    });
  });
}

function outboxCases(opened: () => StateStore): void {
  const emit = (...ids: string[]) => ids.map((id) => ({ id, body: bytes(id) }));
  const idsOf = async (slot: ReturnType<typeof aSlot>) => (await opened().outbox(slot)).entries.map(({ id }) => id);

  test('emissions wait in the order of their ids by code unit, whatever order they came in', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aChange('1', { emissions: emit('b', '\uff5e', 'B', '🦋', '10') }));
    await opened().commit(slot, bytes('1'), aChange('2', { emissions: emit('a', '9') }));
    expect(await idsOf(slot)).toEqual(['10', '9', 'B', 'a', 'b', '🦋', '\uff5e']);
  });

  test('a commit drops the published entries by id and keeps the others', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aChange('1', { emissions: emit('a', 'b', 'c') }));
    await opened().commit(slot, bytes('1'), aChange('2', { published: ['b', 'never-there'], emissions: emit('d') }));
    expect(await idsOf(slot)).toEqual(['a', 'c', 'd']);
  });

  test('a trim by an owner of before drops only what it names', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aChange('1', { emissions: emit('a', 'b') }));
    await opened().commit(slot, bytes('1'), aChange('2', { published: ['a'], emissions: emit('c') }));
    await opened().trim(slot, ['a', 'b']);
    await opened().trim(slot, []);
    expect(await idsOf(slot)).toEqual(['c']);
    expect((await contentsOf(opened(), slot)).watermark).toBe('2');
  });
}

function dueCases(opened: () => StateStore): void {
  test('due states come earliest first, ties by key, up to the time and the number asked for', async () => {
    const slot = aSlot();
    const due = new Map([
      ['k:c', 20],
      ['k:b', 20],
      ['k:a', 30],
      ['k:d', 10],
    ]);
    await opened().commit(slot, nothing, aChange('1', { due }));
    const keysUntil = async (untilMs: number, max: number) => (await opened().due(slot, untilMs, max)).map(({ key }) => key);
    expect(await keysUntil(9, 10)).toEqual([]);
    expect(await keysUntil(20, 10)).toEqual(['k:d', 'k:b', 'k:c']);
    expect(await keysUntil(99, 2)).toEqual(['k:d', 'k:b']);
    expect(await keysUntil(99, 0)).toEqual([]);
  });

  test('a due time is replaced by the next one and goes when it is withdrawn', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aFullChange('1'));
    const due = new Map([
      ['default:profile:ana', 1_764_000_000_123],
      ['default:profile:budi', undefined],
    ]);
    await opened().commit(slot, bytes('1'), aChange('2', { due }));
    expect(await opened().due(slot, Number.MAX_SAFE_INTEGER, 10)).toEqual([{ key: 'default:profile:ana', dueAtMs: 1_764_000_000_123 }]);
  });
}

function isolationCases(opened: () => StateStore): void {
  test('partitions, processors and partition counts do not see each other', async () => {
    const slot = aSlot();
    const others = [{ ...slot, partition: 2 }, { ...slot, partitions: 8 }, aSlot()];
    await opened().commit(slot, nothing, aFullChange('1'));
    for (const other of others) expect((await contentsOf(opened(), other)).watermark).toBe('');
    for (const other of others) await opened().commit(other, nothing, aFullChange('2'));
    for (const other of others) await opened().clear(other);
    expect(await contentsOf(opened(), slot)).toEqual(FIRST);
  });

  test('a cleared slot is as good as new', async () => {
    const slot = aSlot();
    await opened().commit(slot, nothing, aFullChange('9'));
    await opened().clear(slot);
    expect(await contentsOf(opened(), slot)).toMatchObject({ watermark: '', states: [undefined, undefined], outbox: [], due: [], skipped: [] });
    expect(await opened().commit(slot, nothing, aFullChange('1'))).toEqual(committed);
    expect(await contentsOf(opened(), slot)).toEqual(FIRST);
  });
}
