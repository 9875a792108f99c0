import { runSeeds } from '@attune/testing/simulation/run-seeds';
import { simulateIdentities } from './simulate-identities.fixture.ts';

const what = 'Runs resolver and live profile through seeded schedules of faults while visitors become known, and names each seed that breaks a promise.';
await runSeeds(simulateIdentities, { command: 'npm run simulate:identities', what, seeds: 100, seedMs: 450, atMostS: 80 });
