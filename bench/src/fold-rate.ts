import { benchEvent, type Counters, count, emptyCounters, parseEvent } from './counter-fold.ts';
import { countFrom, type Env, kilo, median, startCost } from './measure.ts';

const ROUNDS = 5;

/** Parses and folds events that lie in memory: no log, no store. The second figure is the fold of events that are parsed already. */
export async function foldRate(env: Env): Promise<void> {
  const events = countFrom(env, 'BENCH_EVENTS', 200_000);
  const keys = countFrom(env, 'BENCH_KEYS', 50_000);
  const values = Array.from({ length: events }, (_, index) => benchEvent(index, keys));
  const parsed = values.map(({ value }) => parseEvent(value));
  const withParse: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const costs = [
      foldAll(values.length, (index) => parseEvent(values[index]?.value ?? new Uint8Array())),
      foldAll(values.length, (index) => parsed[index] ?? parseEvent(new Uint8Array())),
    ];
    if (round === 0) continue; // the compiler warms up
    withParse.push(costs[0] ?? Number.NaN);
    alone.push(costs[1] ?? Number.NaN);
  }
  console.log(`fold, ${events} events, ${keys} keys, median of ${ROUNDS}, events per CPU second:`);
  console.log(`  parse + fold  ${kilo(events, median(withParse))}`);
  console.log(`  fold alone    ${kilo(events, median(alone))}`);
}

/** CPU seconds of folding all events into fresh states. */
function foldAll(events: number, eventAt: (index: number) => ReturnType<typeof parseEvent>): number {
  const states = new Map<string, Counters>();
  const cost = startCost();
  for (let index = 0; index < events; index++) {
    const event = eventAt(index);
    let state = states.get(event.customerId);
    if (state === undefined) {
      state = emptyCounters();
      states.set(event.customerId, state);
    }
    count(state, event);
  }
  return cost().cpuS;
}
