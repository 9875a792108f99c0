import { parseArgs } from 'node:util';

/** A simulation: what differs from the promises under a seed, in words. */
export type Simulate = (seed: string) => Promise<{ readonly differences: readonly string[] }>;

/** Runs a simulation as the command line asks (`--seeds`, `--from`, `--seed`) and names each seed that breaks a promise; the process then ends with 1. `command` and `what` are for its help. */
export async function runSeeds(simulate: Simulate, { command, what }: { readonly command: string; readonly what: string }): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(`${command} -- [--seeds 10000] [--from 0] | [--seed NAME]\n${what}`);
  const first = Number(values.from);
  const seeds = values.seed === undefined ? Array.from({ length: Number(values.seeds) }, (_, i) => `ci-${first + i}`) : [values.seed];
  let broken = 0;
  for (const [place, seed] of seeds.entries()) {
    const { differences } = await simulate(seed);
    if (differences.length > 0) broken++;
    for (const difference of differences) console.log(`seed ${seed}: ${difference}`);
    if ((place + 1) % 500 === 0) console.error(`${place + 1} of ${seeds.length} seeds, ${broken} broken`);
  }
  console.log(`${seeds.length} seeds, ${broken} broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}
