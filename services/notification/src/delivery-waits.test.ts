import { until } from '@attune/processor/processor-world';
import { systemStopwatch } from '@attune/runtime/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(async () => {
  world = new NotificationWorld();
  await world.begin('2026-06-01T12:00:00Z');
});
afterEach(() => world.end());

/** Holds the next commit of the ledger until the ledger was looked at three times; true is answered from then on. */
function holdLedger(): () => boolean {
  const { store } = world;
  const [commit, read] = [store.commit.bind(store), store.read.bind(store)];
  let looksLeft = 3;
  let isHeld = false;
  store.read = (slot, keys) => {
    if (isHeld && slot.processor === 'deliveries') looksLeft--;
    return read(slot, keys);
  };
  store.commit = async (slot, ...rest) => {
    if (slot.processor === 'deliveries') isHeld = true;
    if (isHeld) await until(() => looksLeft <= 0);
    return commit(slot, ...rest);
  };
  return () => isHeld && looksLeft <= 0;
}

test('a decision whose ledger folds a moment later is delivered without a rest of its partition', async () => {
  await world.service?.stop(1_000);
  // On a stopwatch that stands, a slow machine does not make the moment longer.
  world.stopwatch = { elapsedMs: () => 0, sleep: (ms) => systemStopwatch.sleep(ms) };
  const verdicts: string[] = [];
  const consume = world.log.consume.bind(world.log);
  world.log.consume = ({ topic, group, handler }) => {
    const onBatch: typeof handler.onBatch = async (batch, control) => {
      const verdict = await handler.onBatch(batch, control);
      verdicts.push(`${group} ${verdict.kind}`);
      return verdict;
    };
    return consume({ topic, group, handler: { onBatch } });
  };
  await world.start();
  await until(() => world.idle());
  const wasLate = holdLedger();
  world.customer('ada');
  await world.decide(world.decision('d1', 'ada'));
  await until(async () => (await world.deliveries()).includes('d1 SENT') && (await world.idle()));
  expect(wasLate()).toBe(true);
  expect(verdicts).toContain('delivery next');
  expect(verdicts).not.toContain('delivery pause');
});
