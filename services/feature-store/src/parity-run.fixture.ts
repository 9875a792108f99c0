import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom } from '@attune/kernel/random';
import { nextOffsetIn } from '@attune/processor/watermark';
import { systemStopwatch } from '@attune/runtime/world';
import { answersOf, parityOf, parityRequests, type ServedAnswer, storedFeatures } from './container.ts';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations } from './gift-barn.fixture.ts';
import { ParityCrowd } from './parity-crowd.fixture.ts';

/** How large a run is. */
export interface ParityRunOptions {
  readonly events: number;
  readonly answers: number;
  readonly customers: number;
  readonly seed: string;
  readonly tell?: (words: string) => void;
}

const EXTRA = `
traits: { country: { type: string, personal: true, purposes: [personalise] } }
views:
  lately: { features: [orders, spend_90d, last_seen, bought, traits.country], purpose: personalise, max_age: 20d }
`;
/** Every kind of feature, a sealed trait, and a view whose values grow stale. */
export const ALL_KINDS = readFileSync(join(import.meta.dirname, '../../../examples/feature-kinds/attune.yaml'), 'utf8').replace(
  '\nsegments:',
  `${EXTRA}\nsegments:`,
);

const [TENANT, ACTIVITY, PARTITIONS] = ['default', 'attune.activity.v1', 4];
const BATCH = 200;
const AHEAD_MAX = 2_000;
const SUBJECTS = 10;

/**
 * Lets a crowd act while the real processor folds, asks for answers in the middle of it, and compares them with the log afterwards. Half a year passes. Test only.
 */
export async function parityRun({ events, answers: wanted, customers, seed, tell = () => {} }: ParityRunOptions) {
  const world = new FeatureStoreWorld();
  await world.start(ALL_KINDS);
  const configuration = configurations.of(ALL_KINDS);
  const crowd = new ParityCrowd({ seed, customers, ring: world.ring });
  const next = seededRandom(`${seed}/ask`);
  const { clock, store, ring, log } = world;
  const ask = storedFeatures({ clock, store, ring, configurations, configuration, partitions: PARTITIONS, stopwatch: systemStopwatch });
  const asked = async (): Promise<readonly ServedAnswer[]> => {
    const ids = crowd.profileIds;
    const some = Array.from({ length: SUBJECTS }, () => ids[Math.floor(next() * ids.length)] ?? '');
    const [request] = parityRequests(configuration, 'personalise', some);
    return request === undefined ? [] : answersOf(await ask(TENANT, request), 'personalise').filter(({ profileId }) => profileId !== '');
  };
  const behind = async (): Promise<number> => {
    let sum = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { watermark } = await store.read({ processor: 'profiles', partition, partitions: PARTITIONS }, []);
      sum += (await log.bounds(ACTIVITY, partition)).endOffset - nextOffsetIn(watermark);
    }
    return sum;
  };
  const answers: ServedAnswer[] = [];
  const batches = Math.ceil(events / BATCH);
  for (let batch = 0; batch < batches; batch++) {
    await log.append(TENANT, ACTIVITY, await crowd.records(BATCH, clock.nowMs()));
    while (answers.length < (wanted * (batch + 1)) / batches) {
      await nextTurn();
      answers.push(...(await asked()));
    }
    while ((await behind()) > AHEAD_MAX) await nextTurn();
    world.pass((180 * 86_400_000) / batches);
    if (batch % Math.ceil(batches / 20) === 0) tell(`${(batch + 1) * BATCH} events, ${answers.length} answers`);
  }
  const startedMs = performance.now();
  const result = await parityOf({ log, ring, configurations }, { tenant: TENANT, answers, decisions: [] });
  const seconds = (performance.now() - startedMs) / 1_000;
  await world.end();
  return { ...result, seconds, distinctPlaces: new Set(answers.map(({ partition, offset }) => `${partition}/${offset}`)).size };
}
