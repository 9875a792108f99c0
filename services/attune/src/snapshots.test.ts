import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, order, post, refused, settings, started, untilCounted, withProcesses } from './attune-process.fixture.ts';

vi.setConfig(withProcesses);
afterEach(cleanUp);

const TOPICS = { identities: 'accepted', profiles: 'activity', decisions: 'profiles', 'decision-records': 'decisions', deliveries: 'deliveries' };
const PARTITIONS = 4;

test('a store that was lost comes back from snapshot and log with the bytes of a whole replay, and nothing is sent or decided again', async () => {
  const folder = newFolder();
  const first = await started(folder);
  for (let i = 0; i < 12; i++) await post(first.address, '/v1/track', order(`customer-${i % 6}`));
  for (let i = 0; i < 6; i++) await untilCounted(first.address, `customer-${i}`, 2);
  expect(refused(settings(folder), 'snapshot')).toMatchObject({ status: 0, stdout: expect.stringMatching(/states of \d+ partitions/) });
  for (let i = 0; i < 6; i++) await post(first.address, '/v1/track', order(`customer-${i % 3}`));
  for (let i = 0; i < 3; i++) await untilCounted(first.address, `customer-${i}`, 4);
  await settledIn(first.address);
  await committedIn(folder);
  expect(await ended(first, 'SIGTERM')).toBe(0);
  const before = await recordsIn(folder);
  const whole = newFolder();
  cpSync(folder, whole, { recursive: true });
  rmSync(join(whole, 'snapshots'), { recursive: true });
  for (const [place, rebuilt] of [folder, whole].entries()) {
    for (const name of readdirSync(rebuilt)) if (name.startsWith('store.sqlite')) rmSync(join(rebuilt, name));
    const again = await started(rebuilt);
    await settledIn(again.address);
    expect(again.said().includes('filled from a snapshot')).toBe(place === 0);
    expect(await ended(again, 'SIGTERM')).toBe(0);
    expect(await recordsIn(rebuilt)).toEqual(before);
  }
  const states = await statesIn(folder);
  expect(states.length).toBeGreaterThan(20);
  expect(states).toEqual(await statesIn(whole));
});

const settledIn = (address: string) => vi.waitFor(async () => expect((await fetch(`${address}/readyz`)).status).toBe(200), { timeout: 60_000, interval: 50 });

/** Resolves once the log knows of all that was folded and published: what a process had not noted there when it ended is published again under its id. */
async function committedIn(folder: string): Promise<void> {
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch, follows: true });
  const isNoted = async (): Promise<void> => {
    for (const [group, name] of Object.entries(TOPICS))
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const { endOffset } = await log.bounds(`attune.${name}.v1`, partition);
        expect((await log.committed(group, `attune.${name}.v1`, partition)) ?? 0).toBe(endOffset);
      }
  };
  await vi.waitFor(isNoted, { timeout: 60_000 });
  await log.close();
}

/** Ids of what was emitted, by topic: without what each start writes. */
async function recordsIn(folder: string) {
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch });
  const ids: string[] = [];
  for (const topic of ['activity', 'profiles', 'decisions', 'deliveries'])
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const { key, offset, headers } of await log.read(`attune.${topic}.v1`, partition, 0, 10_000))
        if (key !== 'configuration') ids.push(`${topic}/${partition}/${headers['id'] ?? offset}`);
  await log.close();
  return ids;
}

async function statesIn(folder: string) {
  const store = new SqliteStateStore(join(folder, 'store.sqlite'));
  const found: unknown[] = [];
  for (const processor of Object.keys(TOPICS))
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { watermark, states } = await store.page({ processor, partition, partitions: PARTITIONS }, undefined, 10_000);
      found.push(Number(Buffer.from(watermark).toString().split(' ')[1]));
      for (const { key, state, dueAtMs } of states) found.push([key, Buffer.from(state).toString('hex'), dueAtMs]);
    }
  await store.close();
  return found;
}
