import { expect, test } from 'vitest';
import { type PlantedMergeBug, simulateIdentities } from './simulate-identities.fixture.ts';

const SEEDS = 60;

test('whatever strikes while visitors become known on both sides, every event counts once and with the one whose it is', { timeout: 240_000 }, async () => {
  const faults: Record<string, number> = {};
  let [merged, handedOn] = [0, 0];
  for (let i = 0; i < SEEDS; i++) {
    const report = await simulateIdentities(`ci-${i}`);
    expect(report.differences, `seed ci-${i}: npm run simulate:identities -- --seed ci-${i}`).toEqual([]);
    merged += report.merged;
    handedOn += report.handedOn;
    for (const [fault, count] of Object.entries(report.faults)) faults[fault] = (faults[fault] ?? 0) + count;
  }
  expect(merged).toBeGreaterThan(SEEDS);
  expect(handedOn).toBeGreaterThan(SEEDS / 4);
  for (const fault of ['crash', 'stop', 'zombie', 'rollback', 'flush', 'rebalance']) expect(faults[fault], fault).toBeGreaterThan(20);
});

/** The first seed at which the simulation notices the bug, and nothing without it; or undefined. */
async function caughtAt(bug: PlantedMergeBug): Promise<string | undefined> {
  for (let i = 0; i < SEEDS; i++) {
    const seed = `ci-${i}`;
    if ((await simulateIdentities(seed, bug)).differences.length === 0) continue;
    expect((await simulateIdentities(seed)).differences).toEqual([]);
    return seed;
  }
  return undefined;
}

test('a profile that forgets which links it has installed is caught', { timeout: 240_000 }, async () => {
  const bug: PlantedMergeBug = {
    profiles: (definition) => ({
      ...definition,
      fold: (state, record, companion) => {
        if (state.profile) state.profile.merged = [];
        return definition.fold(state, record, companion);
      },
    }),
  };
  expect(await caughtAt(bug)).toBeDefined();
});

test('folds that do not travel are caught', { timeout: 240_000 }, async () => {
  const bug: PlantedMergeBug = {
    profiles: (definition) => ({
      ...definition,
      fold: (state, record, companion) => {
        const { emissions, ...rest } = definition.fold(state, record, companion);
        return { ...rest, emissions: emissions.filter(({ id }) => !id.endsWith('/fold-moved')) };
      },
    }),
  };
  expect(await caughtAt(bug)).toBeDefined();
});
