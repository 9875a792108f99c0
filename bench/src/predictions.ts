import { readFileSync } from 'node:fs';
import { seededRandom } from '@attune/kernel/random';
import { predictRow, readTreeModel } from '@attune/scoring/composition';
import { countFrom, type Env, median, startCost } from './measure.ts';
import { printTable } from './table.ts';

const ROWS = 1_000;
const MISSING = 0.1;

/** Scores and explains rows drawn by chance by the model that `BENCH_MODEL` names, in memory, in turn; prints predictions a second of processor time. @throws Error for a file that is no model */
export async function predictions(env: Env): Promise<void> {
  const file = env['BENCH_MODEL'] ?? 'examples/bring-your-lightgbm/models/buys-again.txt';
  const read = readTreeModel(readFileSync(file, 'utf8'));
  if (read.kind === 'fault') throw new Error(`${file}: ${read.fault} ${read.fix}`);
  const { model } = read;
  const random = seededRandom('predictions');
  const rows = Array.from({ length: ROWS }, () => Float64Array.from(model.features, () => (random() < MISSING ? Number.NaN : random() * 8 - 2)));
  const rounds = countFrom(env, 'BENCH_ROUNDS', 5);
  const rates: Record<'scored' | 'explained', number[]> = { scored: [], explained: [] };
  for (let round = 0; round <= rounds; round++)
    for (const [name, taken] of Object.entries(rates)) {
      const rate = rateOf((row) => void predictRow(model, row, { explained: name === 'explained' }), rows);
      if (round > 0) taken.push(rate); // the first round warms
    }
  const leaves = model.feature.reduce((sum, feature) => sum + (feature === -1 ? 1 : 0), 0);
  console.log(
    `${file}: ${model.roots.length} trees, ${leaves} leaves, ${model.depth} levels; predictions a second of processor time, median of ${rounds} rounds:`,
  );
  printTable(
    ['', 'a CPU-second'],
    Object.entries(rates).map(([name, taken]) => [name, Math.round(median(taken)).toLocaleString('en')]),
  );
}

/** Runs for about a second of processor time. */
function rateOf(run: (row: Float64Array) => void, rows: readonly Float64Array[]): number {
  const cost = startCost();
  let done = 0;
  let spent = 0;
  do {
    run(rows[done++ % rows.length] ?? new Float64Array(0));
    if (done % 16 === 0) spent = cost().cpuS;
  } while (spent < 1);
  return done / cost().cpuS;
}
