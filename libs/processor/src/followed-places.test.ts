import { expect, test } from 'vitest';
import { FollowedPlaces } from './followed-places.ts';
import { until } from './processor-world.ts';

const owning = (generation: number) => ({ generation, partitions: [0], member: true });

test('the place of a partition that comes back is what the group has committed meanwhile', async () => {
  let committed: number | undefined;
  const places = new FollowedPlaces(async () => committed);
  const next = (generation: number): number | undefined => places.standing(owning(generation))[0]?.nextOffset;
  expect(next(1)).toBeUndefined();
  await until(() => next(1) === 0);
  places.reached(1, 0, 5);
  expect(next(1)).toBe(5);
  committed = 20;
  expect(next(2)).toBeUndefined();
  await until(() => next(2) === 20);
});

test('a place that was reached while the log was asked stands, and a log that is away is asked again', async () => {
  const answers = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  let asked = 0;
  const places = new FollowedPlaces(() => answers[asked++]?.promise ?? Promise.resolve(0));
  const standing = (): unknown => places.standing(owning(1))[0];
  standing();
  answers[0]?.reject(new Error('away'));
  await until(() => {
    standing();
    return asked === 2;
  });
  places.reached(1, 0, 9);
  answers[1]?.resolve(3);
  await until(() => asked === 2);
  expect(standing()).toMatchObject({ nextOffset: 9, adopted: true });
});

test('each batch is a turn, however it ends', () => {
  const places = new FollowedPlaces(async () => 0);
  places.turn(0);
  places.turn(0);
  expect(places.standing(owning(1))[0]?.turns).toBe(2);
});
