import { runSeeds } from './run-seeds.ts';
import { simulate } from './simulate.ts';

const what = 'Runs the processor through seeded schedules of faults and names each seed that breaks a promise.';
await runSeeds(simulate, { command: 'npm run simulate', what, seeds: 1_000, seedMs: 50 });
