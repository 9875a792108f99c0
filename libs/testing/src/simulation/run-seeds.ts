import { parseArgs } from 'node:util';

/** A simulation: what differs from the promises under a seed, in words. */
export type Simulate = (seed: string) => Promise<{ readonly differences: readonly string[] }>;

/** How a simulation is run from the command line. */
export interface SeedRun {
  /** What starts it, for its help. */
  readonly command: string;
  /** What it does, for its help. */
  readonly what: string;
  /** How many seeds are run where no number is given. */
  readonly seeds: number;
  /** How long one seed takes on a quiet processor, in ms, for its help. */
  readonly seedMs: number;
  /** How long it may take where no time is given, in s; absent = until all seeds are run. */
  readonly atMostS?: number;
}

const PROGRESS_EVERY_MS = 10_000;

/** Runs a simulation as the command line asks (`--seeds`, `--from`, `--seed`, `--for`), tells how far it is every ten seconds, names each seed that breaks a promise, and says how many it came to; the process then ends with 1. */
export async function runSeeds(simulate: Simulate, { command, what, seeds: usual, seedMs, atMostS }: SeedRun): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: String(usual) },
      from: { type: 'string', default: '0' },
      seed: { type: 'string' },
      for: { type: 'string', default: String(atMostS ?? Number.POSITIVE_INFINITY) },
      help: { type: 'boolean', default: false },
    },
  });
  const howLong = `${usual} seeds unless told otherwise; one takes about ${seedMs} ms of a processor, so all of them ${Math.ceil((usual * seedMs) / 1_000)} s.${atMostS === undefined ? '' : ` It ends after ${atMostS} s unless told otherwise, with those that it came to.`}`;
  if (values.help) return console.log(`${command} -- [--seeds ${usual}] [--from 0] [--for SECONDS] | [--seed NAME]\n${what}\n${howLong}`);
  const first = Number(values.from);
  const seeds = values.seed === undefined ? Array.from({ length: Number(values.seeds) }, (_, i) => `ci-${first + i}`) : [values.seed];
  const endAtMs = performance.now() + Number(values.for) * 1_000;
  let [run, broken, toldAtMs] = [0, 0, performance.now()];
  for (const seed of seeds) {
    if (performance.now() > endAtMs) break;
    const { differences } = await simulate(seed);
    run++;
    if (differences.length > 0) broken++;
    for (const difference of differences) console.log(`seed ${seed}: ${difference}`);
    if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) continue;
    toldAtMs = performance.now();
    console.error(`${run} of ${seeds.length} seeds, ${broken} broken`);
  }
  console.log(run < seeds.length ? `${run} of ${seeds.length} seeds in ${values.for} s, ${broken} broken` : `${run} seeds, ${broken} broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}
