import { expect, test } from 'vitest';
import { parityRun } from './parity-run.fixture.ts';

test.each(['1', '2'])('what is served while events come shuffled, late and twice, and visitors become known, is what the log gives (seed %s)', async (seed) => {
  const { mismatches, answers, values, distinctPlaces } = await parityRun({ events: 2_000, answers: 200, customers: 60, seed });
  expect(
    mismatches.map(({ feature, answer, served, offline }) => ({ feature, at: `${answer.partition}/${answer.offset}`, served, offline })).slice(0, 3),
  ).toEqual([]);
  expect(answers).toBeGreaterThanOrEqual(200);
  expect(distinctPlaces).toBeGreaterThan(20);
  expect(values).toBeGreaterThan(3_000);
});
