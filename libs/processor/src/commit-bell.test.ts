import { setImmediate as nextTurn } from 'node:timers/promises';
import { IN, ledgerFold, OUT } from '@attune/testing/simulation/ledger-fold';
import { expect, test } from 'vitest';
import { CommitBell, type Ear } from './commit-bell.ts';
import { ProcessorWorld } from './processor-world.ts';

const text = new TextEncoder();
/** Nothing but the bell wakes anybody. */
const standing = { elapsedMs: () => 0, sleep: () => new Promise<void>(() => {}) };

/** Whether the ear has heard something by the next turn of the event loop. */
async function hears(ear: Ear): Promise<boolean> {
  let heard = false;
  void ear.heard(standing, 1).then(() => {
    heard = true;
  });
  await nextTurn();
  return heard;
}

test('who listens hears of each commit that is rung, also of one before it began to wait, and once it has closed of none', async () => {
  const bell = new CommitBell();
  const ear = bell.listen();
  bell.ring(['default:profile:ann']);
  expect(await hears(ear)).toBe(true);
  const next = ear.heard(standing, 1);
  bell.ring(['default:profile:bea']);
  await next;
  ear.close();
  bell.ring(['default:profile:bea']);
  expect(await hears(ear)).toBe(false);
});

test('who named states hears of no others', async () => {
  const bell = new CommitBell();
  const ear = bell.listen();
  ear.only(['default:profile:ann', 'default:profile:bea']);
  bell.ring(['default:profile:cid']);
  expect(await hears(ear)).toBe(false);
  bell.ring(['default:profile:cid', 'default:profile:bea']);
  expect(await hears(ear)).toBe(true);
});

test('time wakes who waits as well, since another process rings no bell here', async () => {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  await new CommitBell().listen().heard({ elapsedMs: () => 0, sleep }, 40);
  expect(slept).toEqual([40]);
});

test('a processor rings at each commit, when what it holds can be read', async () => {
  const world = new ProcessorWorld(ledgerFold);
  await world.log.ensureTopics([IN, OUT].map((topic) => ({ topic, partitions: 1 })));
  const bell = new CommitBell();
  const ear = bell.listen();
  ear.only(['default:ledger:ann']);
  await world.start(world.log, ledgerFold, { bell });
  await world.log.append('default', IN, [{ key: 'ann', value: text.encode(JSON.stringify({ amount: 7 })) }]);
  await ear.heard(standing, 1);
  const { states } = await world.store.read({ processor: 'ledger', partition: 0, partitions: 1 }, ['default:ledger:ann']);
  expect(states[0]).toBeDefined();
  await world.end();
});
