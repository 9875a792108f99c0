import { AttuneError } from '@attune/kernel/errors';
import { Processor } from '@attune/processor/processor';
import type { StateCache } from '@attune/processor/state-cache';
import { IN, type Ledger, ledgerFold, PARTITION_KEY } from './ledger-fold.ts';
import { differences } from './oracle.ts';
import type { Scheduler } from './scheduler.ts';
import { type ApplyChange, applyChange, type TrimOutbox, trimById } from './sim-store.ts';
import { type SimActor, SimWorld } from './sim-world.ts';

/** A fault in Attune itself, planted to see that the simulation notices. */
export interface PlantedBug {
  readonly applyChange?: ApplyChange;
  readonly trimOutbox?: TrimOutbox;
  readonly cacheFor?: (partition: number) => StateCache<Ledger>;
}

/** What a seed came to. */
export interface SimReport {
  readonly seed: string;
  readonly differences: readonly string[];
  readonly records: number;
  readonly faults: Readonly<Record<string, number>>;
}

const text = new TextEncoder();

/** Runs the real processor through one seeded schedule of faults, then a calm until nothing moves, and holds the result against the plain fold. */
export async function simulate(seed: string, bug: PlantedBug = {}): Promise<SimReport> {
  let produced = 0;
  const produce = (world: SimWorld): void => {
    append(world);
    produced++;
  };
  const store = { apply: bug.applyChange ?? applyChange, trim: bug.trimOutbox ?? trimById, trimsApart: bug.trimOutbox !== undefined };
  const world = new SimWorld({ seed, produce, store, actors: (scheduler) => [ledgerActor(scheduler, bug)] });
  await world.storm();
  await world.calm();
  return { seed, differences: differences(world.broker, world.disk), records: produced, faults: world.faults };
}

/** The ledger, whose folds need a key that its process must fetch first and may not get. */
const ledgerActor = (scheduler: Scheduler, { cacheFor }: PlantedBug): SimActor => ({
  name: ledgerFold.name,
  topic: IN,
  make: (process, ports) => {
    const fault = (): Error => new AttuneError('KEY_UNAVAILABLE', 'simulated.');
    const definition = { ...ledgerFold, prepare: () => scheduler.call(process, { effect: () => undefined, fault }) };
    return new Processor<Ledger>(definition, ports, { tendEveryMs: 100, ...(cacheFor ? { cacheFor } : {}) });
  },
});

function append({ scheduler, broker }: SimWorld): void {
  const { random, nowMs } = scheduler;
  const poison = random() < 0.02 ? { poison: true } : {};
  const value = text.encode(JSON.stringify({ amount: Math.floor(random() * 100), ...poison }));
  const ofPartition = { key: PARTITION_KEY, partition: Math.floor(random() * broker.partitions) };
  const of = random() < 0.03 ? ofPartition : { key: `k${Math.floor(random() * 9)}` };
  broker.append('default', IN, { ...of, value }, nowMs);
}
