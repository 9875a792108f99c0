import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@attune/kernel/random';
import { endpoints } from '@attune/testing/provision/endpoints';
import { startRedis } from '@attune/testing/provision/local-redis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { judge } from './ledger-oracle.ts';
import { openRun, produce, unfinished } from './ledger-run.ts';
import { LedgerWorkers } from './ledger-workers.ts';

const KILLS = 5;
const CUT_AT = 3;
const CUT_MIN_BYTES = 16 * 1024;
const RECORDS_MIN = 15_000;

test('a redis killed five times, once with a lost tail, leaves every state and emission right', { timeout: 170_000 }, async () => {
  const seed = process.env['ATTUNE_TEST_SEED'] ?? crypto.randomUUID();
  const redis = await startRedis({ appendOnly: true });
  onTestFinished(redis.remove);
  const open = await openRun({ brokers: endpoints().brokers, redisUrl: redis.url });
  onTestFinished(open.close);
  const workers = new LedgerWorkers(open.run, 1);
  onTestFinished(() => workers.killAll());

  const chance = seededRandom(`${seed}/kills`);
  let killed = 0;
  let cutBytes = 0;
  const load = produce(open, seededRandom(`${seed}/records`), (appended) => killed < KILLS || appended < RECORDS_MIN);
  const kills = (async () => {
    while (killed < KILLS) {
      await sleep(1_500 + chance() * 3_000);
      await redis.kill();
      killed++;
      if (killed === CUT_AT) cutBytes = await cutTail(redis.dir, 0.1 + 0.4 * chance());
      await sleep(chance() * 500);
      await redis.restart();
    }
  })();
  await Promise.all([load, kills]);

  await vi.waitFor(async () => expect(await unfinished(open)).toEqual([]), { timeout: 60_000, interval: 300 });
  const { differences, ...counts } = await judge(open);
  console.log(`seed ${seed}, cut ${cutBytes} bytes, ${JSON.stringify(counts)}`);
  expect(cutBytes).toBeGreaterThan(CUT_MIN_BYTES);
  expect(differences.slice(0, 20)).toEqual([]);
  expect(workers.unexpected).toEqual([]);
});

/** Cuts that share of the newest append-only file off its end: what a power cut takes. Answers the bytes taken. */
async function cutTail(folder: string, share: number): Promise<number> {
  const aof = join(folder, 'appendonlydir');
  const newest = (await readdir(aof))
    .filter((name) => name.endsWith('.incr.aof'))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .at(-1);
  if (newest === undefined) throw new Error(`no append-only file in ${aof}`);
  const { size } = await stat(join(aof, newest));
  const cut = Math.floor(size * share);
  await truncate(join(aof, newest), size - cut);
  return cut;
}

/** `appendonly.aof.12.incr.aof` → 12. */
const numberOf = (name: string): number => Number(name.split('.')[2]);
