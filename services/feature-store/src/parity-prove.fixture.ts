import { parseArgs } from 'node:util';
import { parityRun } from './parity-run.fixture.ts';

// npm run parity:prove -- --events 1000000 --answers 10000 --customers 20000 --seed 1
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    answers: { type: 'string', default: '1000' },
    customers: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
});
const sizes = { events: Number(values.events), answers: Number(values.answers), customers: Number(values.customers) };
const { mismatches, answers, values: compared, records, seconds, distinctPlaces } = await parityRun({ ...sizes, seed: values.seed, tell: console.log });
console.log(
  `${mismatches.length} mismatches in ${compared} values of ${answers} answers at ${distinctPlaces} places; ${records} records again in ${seconds.toFixed(1)} s`,
);
for (const { feature, answer, differs } of mismatches.slice(0, 10))
  console.log(`${feature} of ${answer.profileId} at ${answer.partition}/${answer.offset}`, differs);
process.exitCode = mismatches.length === 0 ? 0 : 1;
