import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { eventLogContract } from '@attune/testing/contracts/event-log-contract';
import { afterEach, expect, test } from 'vitest';
import { SqliteEventLog } from './sqlite-event-log.ts';

const open = (path: string, clock = systemClock): SqliteEventLog => new SqliteEventLog({ path, clock, stopwatch: systemStopwatch });

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

eventLogContract('SQLite in memory', async () => ({ log: open(':memory:') }), { reopens: false });

eventLogContract(
  'SQLite in a file',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-log-'));
    folders.push(folder);
    const path = join(folder, 'log.db');
    return { log: open(path), reopen: async () => open(path) };
  },
  { reopens: true },
);

test('who follows the file of another sees what that one appends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-log-'));
  folders.push(folder);
  const path = join(folder, 'log.db');
  const [writer, follower] = [open(path), new SqliteEventLog({ path, clock: systemClock, stopwatch: systemStopwatch, follows: true })];
  await writer.ensureTopics([{ topic: 't', partitions: 1 }]);
  expect(await follower.bounds('t', 0)).toEqual({ startOffset: 0, endOffset: 0 });
  await writer.append('acme', 't', [{ key: 'k', value: new Uint8Array(1) }]);
  expect(await follower.bounds('t', 0)).toEqual({ startOffset: 0, endOffset: 1 });
  expect(await follower.read('t', 0, 0, 9)).toHaveLength(1);
  await Promise.all([writer.close(), follower.close()]);
});

test('a clock that goes back does not take the times of appending back', async () => {
  let nowMs = 1000;
  const log = open(':memory:', { nowMs: () => nowMs });
  await log.ensureTopics([{ topic: 't', partitions: 1 }]);
  const record = { key: 'k', value: new Uint8Array(1) };
  await log.append('acme', 't', [record]);
  nowMs = 500;
  await log.append('acme', 't', [record]);
  nowMs = 1500;
  await log.append('acme', 't', [record]);
  expect((await log.read('t', 0, 0, 3)).map(({ appendedAtMs }) => appendedAtMs)).toEqual([1000, 1000, 1500]);
  await log.close();
});

test('a group of appends with one bad partition is refused whole, and offsets stay dense', async () => {
  const log = open(':memory:');
  await log.ensureTopics([{ topic: 't', partitions: 1 }]);
  const record = { key: 'k', value: new Uint8Array(1) };
  const settled = await Promise.allSettled([log.append('acme', 't', [record]), log.append('acme', 't', [{ ...record, partition: 7 }])]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await log.append('acme', 't', [record])).toEqual([{ topic: 't', partition: 0, offset: 0 }]);
  await log.close();
});

test('a record larger than a broker would take is refused for good, without those of the same turn', async () => {
  const log = open(':memory:');
  await log.ensureTopics([{ topic: 't', partitions: 1 }]);
  const records = [1, 1_000_000, 999_999].map((bytes) => ({ key: 'k', value: new Uint8Array(bytes) }));
  const settled = await Promise.allSettled(records.map((record) => log.append('acme', 't', [record])));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(settled[1]).toMatchObject({ reason: { code: 'EVENT_TOO_LARGE' } });
  await log.close();
});

test('two logs made anew have different identities', async () => {
  const logs = [open(':memory:'), open(':memory:')];
  for (const log of logs) await log.ensureTopics([{ topic: 't', partitions: 1 }]);
  const [a, b] = await Promise.all(logs.map((log) => log.identity('t')));
  expect(a?.logId).not.toBe(b?.logId);
  await Promise.all(logs.map((log) => log.close()));
});

test('a closed log answers that it is unavailable', async () => {
  const log = open(':memory:');
  await log.ensureTopics([{ topic: 't', partitions: 1 }]);
  await log.close();
  await expect(log.append('acme', 't', [{ key: 'k', value: new Uint8Array(1) }])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});
