import { expect, test } from 'vitest';
import { SharedRun } from './shared-run.ts';

/** Work whose ends are decided by the test. */
function controlled() {
  const ends: PromiseWithResolvers<void>[] = [];
  const shared = new SharedRun(() => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  });
  return { ends, shared };
}

test('all who ask while a run is under way share the one run behind it', async () => {
  const { ends, shared } = controlled();
  const first = shared.run();
  const others = Promise.all([shared.run(), shared.run(), shared.run()]);
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  await first;
  await Promise.resolve();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.resolve();
  await others;
  expect(ends).toHaveLength(2);
});

test('who asks when nothing runs gets a run that begins at once', async () => {
  const { ends, shared } = controlled();
  for (let i = 1; i <= 3; i++) {
    const run = shared.run();
    expect(ends).toHaveLength(i);
    ends[i - 1]?.resolve();
    await run;
  }
});

test('a run that fails fails those who wait for it, and the next one begins anew', async () => {
  const { ends, shared } = controlled();
  const waiting = [shared.run(), shared.run(), shared.run()];
  const settled = Promise.allSettled(waiting);
  ends[0]?.reject(new Error('away'));
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const again = shared.run();
  ends[1]?.resolve();
  await again;
  await shared.idle();
});
