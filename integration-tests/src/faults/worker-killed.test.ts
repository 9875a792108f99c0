import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@attune/kernel/random';
import { endpoints } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test, vi } from 'vitest';
import { judge } from './ledger-oracle.ts';
import { openRun, produce, unfinished } from './ledger-run.ts';
import { LedgerWorkers } from './ledger-workers.ts';

const KILLS = 20;
const RECORDS_MIN = 20_000;
const FREEZE_EVERY = 5;
const FREEZE_MS = 2_200;
const WORKERS = 2;

test('a worker killed twenty times and frozen four times loses no record and doubles no effect', { timeout: 170_000 }, async () => {
  const seed = process.env['ATTUNE_TEST_SEED'] ?? crypto.randomUUID();
  const open = await openRun(endpoints());
  onTestFinished(open.close);
  const workers = new LedgerWorkers(open.run, WORKERS);
  onTestFinished(() => workers.killAll());

  const chance = seededRandom(`${seed}/kills`);
  let killed = 0;
  const load = produce(open, seededRandom(`${seed}/records`), (appended) => killed < KILLS || appended < RECORDS_MIN);
  const kills = (async () => {
    for (; killed < KILLS; killed++) {
      if (killed % FREEZE_EVERY === 2) await workers.freeze(Math.floor(chance() * WORKERS), FREEZE_MS);
      await sleep(100 + chance() * 2_500);
      await workers.replace(Math.floor(chance() * WORKERS));
    }
  })();
  await Promise.all([load, kills]);

  await vi.waitFor(async () => expect(await unfinished(open)).toEqual([]), { timeout: 60_000, interval: 300 });
  const { differences, ...counts } = await judge(open);
  console.log(`seed ${seed}, ${JSON.stringify(counts)}`);
  expect(differences.slice(0, 20)).toEqual([]);
  expect(workers.unexpected).toEqual([]);
});
