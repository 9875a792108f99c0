import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SlotReader } from '@attune/state-store/port';
import { IN, type Ledger, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcessorOptions } from '../processor.ts';
import { all, ProcessorWorld, until } from '../processor-world.ts';
import { entriesOf } from './chunk.ts';
import { CopyingFile } from './copying-file.ts';
import { SnapshotFolder } from './snapshot-folder.ts';
import { takeSnapshot } from './take-snapshot.ts';

const slot = { processor: 'ledger', partition: 0, partitions: 1 };
const text = new TextEncoder();

let world: ProcessorWorld<Ledger>;
let path: string;
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'attune-snapshots-'));
  world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
});
afterEach(async () => {
  await world.end();
  rmSync(path, { recursive: true });
});

const send = async (from: number, to: number): Promise<void> => {
  const records = Array.from({ length: to - from }, (_, i) => from + i).map((i) => ({ key: `key ${i % 300}`, value: body(i) }));
  await world.log.append('default', IN, records);
};
const body = (i: number): Uint8Array => text.encode(JSON.stringify({ amount: i % 97, ...(i === 700 && { poison: true }) }));
const folded = (offset: number) => until(async () => (await world.log.committed('ledger', IN, 0)) === offset);
const taking = (store: SlotReader = world.store, keep = 3) =>
  takeSnapshot({ store, log: world.log, folder: new SnapshotFolder(path), sources: [ledgerFold], namespace: '', nowMs: ++taken, keep });
let taken = 1_700_000_000_000;
const withSnapshots = (namespace = ''): ProcessorOptions<Ledger> => ({ snapshots: { folder: new SnapshotFolder(path), namespace } });

/** All that the slot holds, as text. */
async function contents() {
  const { watermark, states, next } = await world.store.page(slot, undefined, 10_000);
  expect(next).toBeUndefined();
  const told = states.map(({ key, state, dueAtMs }) => [key, Buffer.from(state).toString(), dueAtMs]);
  return { watermark: Buffer.from(watermark).toString(), states: told, skipped: await world.store.skipped(slot) };
}

test('an emptied store is filled from snapshot and tail with the bytes of a whole replay, and nothing is published again', async () => {
  const first = await world.start();
  await send(0, 1_000);
  await folded(1_000);
  await taking();
  await send(1_000, 1_500);
  await folded(1_500);
  await world.stop(first);
  const whole = await contents();
  const published = (await all(world.log, OUT)).length;
  await world.store.clear(slot);
  const restored: number[] = [];
  const again = await world.start(world.log, ledgerFold, { ...withSnapshots(), onRestored: ({ nextOffset }) => restored.push(nextOffset) });
  await until(() => again.status()[0]?.nextOffset === 1_500);
  expect(restored).toEqual([1_000]);
  expect(await contents()).toEqual(whole);
  await send(1_500, 1_600);
  await folded(1_600);
  const after = await all(world.log, OUT);
  expect(new Set(after.map(({ headers }) => headers['id'])).size).toBe(after.length);
  expect(after.length).toBeGreaterThan(published);
});

test('a snapshot that is taken while the processor folds is the slot at one place of the log', async () => {
  await world.start();
  await send(0, 2_000);
  await folded(2_000);
  let sent = 2_000;
  const grow = async (count: number): Promise<void> => {
    await send(sent, sent + count);
    sent += count;
    await folded(sent);
  };
  const busy: SlotReader = {
    page: async (...asked) => {
      await grow(40);
      return world.store.page(...asked);
    },
    copy: async (...asked) => {
      if (sent < 3_000) await grow(300);
      return world.store.copy(...asked);
    },
  };
  const snapshot = await taking(busy);
  const nextOffset = snapshot?.slots[0]?.nextOffset ?? 0;
  expect(nextOffset).toBeGreaterThan(2_000);
  expect(snapshotStates(new SnapshotFolder(path))).toEqual(await statesUpTo(nextOffset));
});

test('a snapshot with one changed byte is refused, be it in a chunk or in the manifest', async () => {
  const first = await world.start();
  await send(0, 500);
  await folded(500);
  await taking();
  await world.stop(first);
  for (const of of ['chunks', 'manifests']) {
    const file = join(path, of, readdirSync(join(path, of))[0] ?? '');
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    const last = bytes.length - 4; // where no length stands
    changed[last] = (changed[last] ?? 0) ^ 1;
    writeFileSync(file, changed);
    await world.store.clear(slot);
    const again = await world.start(world.log, ledgerFold, withSnapshots());
    await until(() => again.status()[0]?.stoppedBy === 'SNAPSHOT_DAMAGED');
    await world.stop(again);
    expect((await contents()).states).toEqual([]);
    writeFileSync(file, bytes);
  }
});

test('a snapshot of another log or of another installation is refused, and nothing of it is written', async () => {
  const first = await world.start();
  await send(0, 500);
  await folded(500);
  await taking();
  await world.stop(first);
  await world.store.clear(slot);
  const other = await world.start(world.log, ledgerFold, withSnapshots('other'));
  await until(() => other.status()[0]?.stoppedBy === 'LOG_IDENTITY_CHANGED');
  await world.stop(other);
  await world.store.clear({ processor: 'ledger.log', partition: 0, partitions: 1 });
  const log = world.newLog();
  await log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
  await log.append(
    'default',
    IN,
    Array.from({ length: 600 }, (_, i) => ({ key: `key ${i % 300}`, value: body(i) })),
  );
  const strange = await world.start(log, ledgerFold, withSnapshots());
  await until(() => strange.status()[0]?.stoppedBy === 'LOG_IDENTITY_CHANGED');
  await world.stop(strange);
  expect((await contents()).states).toEqual([]);
  await log.close();
});

test('a snapshot that was ended in the middle goes on from there, and one place of the log is kept', async () => {
  const first = await world.start();
  await send(0, 3_000);
  await folded(3_000);
  let pages = 0;
  const ending: SlotReader = {
    page: (...asked) => (++pages === 2 ? Promise.reject(new Error('killed')) : world.store.page(...asked)),
    copy: (...asked) => world.store.copy(...asked),
  };
  await expect(taking(ending)).rejects.toThrow('killed');
  await send(3_000, 3_100);
  await folded(3_100);
  const asked: (string | undefined)[] = [];
  const page: SlotReader['page'] = (of, cursor, max) => {
    asked.push(cursor);
    return world.store.page(of, cursor, max);
  };
  const noting: SlotReader = { page, copy: (...of) => world.store.copy(...of) };
  const snapshot = await taking(noting);
  expect(asked[0]).toBeDefined();
  expect(snapshot?.slots[0]?.nextOffset).toBe(3_100);
  await world.stop(first);
  const { states } = await contents();
  expect(snapshotStates(new SnapshotFolder(path))).toEqual(states.map(([key, state]) => [key, state]));
});

test('a restore that was killed in the middle is begun anew, and nobody takes the half for whole', async () => {
  const first = await world.start();
  await send(0, 1_000);
  await folded(1_000);
  await taking();
  await world.stop(first);
  const whole = await contents();
  await world.store.clear(slot);
  const nothing = { emissions: [], published: [], due: new Map(), skipped: new Map() };
  const half = { ...nothing, watermark: text.encode('0 restoring x 1'), states: new Map([['default:ledger:of an older time', text.encode('{}')]]) };
  await world.store.commit(slot, new Uint8Array(), half);
  const again = await world.start(world.log, ledgerFold, withSnapshots());
  await until(() => again.status()[0]?.nextOffset === 1_000);
  expect(await contents()).toEqual(whole);
});

test('a state that went while the slot was copied is not in the copy', () => {
  const copying = new CopyingFile(path);
  const states = ['gone', 'stays'].map((key) => ({ key, state: text.encode(key) }));
  copying.takePage('ledger/0', states, { since: '', cursor: undefined, upTo: 0 });
  copying.takeAgain(['gone', 'never there'], []);
  expect([...copying.states()].map(({ key }) => key)).toEqual(['stays']);
  expect(() => new CopyingFile(path)).toThrow('another snapshot is under way');
  copying.remove();
});

test('of older snapshots as many stay as are wanted, and what none of them names goes', async () => {
  await world.start();
  for (let i = 0; i < 4; i++) {
    await send(i * 400, i * 400 + 400);
    await folded(i * 400 + 400);
    await taking(world.store, 2);
  }
  const folder = new SnapshotFolder(path);
  expect(folder.names()).toHaveLength(2);
  const named = new Set(folder.names().flatMap((name) => folder.manifest(name).slots.flatMap(({ chunks }) => chunks.map(({ sha256 }) => sha256))));
  expect(new Set(readdirSync(join(path, 'chunks')))).toEqual(named);
});

/** What a fold from the beginning holds at a place of the log. */
async function statesUpTo(nextOffset: number): Promise<readonly (readonly string[])[]> {
  const states = new Map<string, Ledger>();
  const stateOf = (key: string): Ledger => {
    const state = states.get(key) ?? ledgerFold.empty();
    states.set(key, state);
    return state;
  };
  for (const record of await world.log.read(IN, 0, 0, nextOffset)) {
    const keys = [ledgerFold.keyOf(record), ledgerFold.companionKey?.(record) ?? ''] as const;
    const before = keys.map((key) => JSON.stringify(stateOf(key)));
    try {
      ledgerFold.fold(stateOf(keys[0]), record, stateOf(keys[1]));
    } catch {
      for (const [i, key] of keys.entries()) states.set(key, JSON.parse(before[i] ?? '') as Ledger);
    }
  }
  return [...states].map(([key, state]) => [key, JSON.stringify(state)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function snapshotStates(folder: SnapshotFolder): readonly (readonly string[])[] {
  const found = folder.newest(slot);
  const entries = (found?.slot.chunks ?? []).flatMap((chunk) => [...entriesOf(folder.chunk(chunk))]);
  return entries.flatMap((entry) => (entry.kind === 'state' ? [[entry.state.key, Buffer.from(entry.state.state).toString()]] : []));
}
