import { systemStopwatch } from '@attune/runtime/world';
import { expect, test } from 'vitest';
import { PlaceCommits } from './place-commits.ts';

test('of a partition that was dealt anew meanwhile nothing is committed', async () => {
  let generation = 1;
  const committed: (readonly [number, number])[] = [];
  const consumption = {
    assignment: () => ({ generation, partitions: [0, 1], member: true }),
    commit: async (offsets: ReadonlyMap<number, number>) => void committed.push(...offsets),
  };
  const commits = new PlaceCommits({ consumption, stopwatch: systemStopwatch, withinMs: 3_600_000 });
  commits.reached(1, 0, 7);
  generation = 2;
  commits.reached(2, 1, 5);
  await commits.flush();
  expect(committed).toEqual([[1, 5]]);
});
