import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogRecord } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { Processor } from '@attune/processor/processor';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { benchEvent, type Counters, count, counterDefinition, emptyCounters, parseEvent } from './counter-fold.ts';
import { countFrom, type Env, kilo, startCost } from './measure.ts';

const TOPICS = ['accepted', 'activity', 'profiles', 'decisions'];
const PARTITIONS = 4;
const APPENDED_AT_ONCE = 250;
const GRACE_MS = 2_000;

/**
 * The one process: four processors in a chain on the SQLite log and store, each fold counts an event and hands it on.
 * Prints records a second from the first append to the last record folded at the end of the chain, and what the wait for the disk alone takes.
 */
export async function embeddedChain(env: Env): Promise<void> {
  const events = countFrom(env, 'BENCH_EVENTS', 30_000);
  const keys = countFrom(env, 'BENCH_KEYS', 2_000);
  const tendEveryMs = countFrom(env, 'BENCH_TEND_MS', 50);
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const log = new SqliteEventLog({ path: join(folder, 'log.sqlite'), clock: systemClock, stopwatch: systemStopwatch });
  const store = new SqliteStateStore(join(folder, 'store.sqlite'));
  await log.ensureTopics([...TOPICS, 'end'].map((topic) => ({ topic, partitions: PARTITIONS })));
  const work = counting(log, store);
  const ports = { log: work.log, store: work.store, clock: systemClock, stopwatch: systemStopwatch };
  const processors = TOPICS.map((topic, place) => new Processor(linkOf(topic, TOPICS[place + 1] ?? 'end'), ports, { tendEveryMs }));
  for (const processor of processors) await processor.start();

  const idle = startCost();
  await systemStopwatch.sleep(3_000);
  const { cpuS, wallS } = idle();
  console.log(
    `idle: ${((1e3 * cpuS) / wallS).toFixed(1)} ms of processor time a second, ${TOPICS.length} processors of ${PARTITIONS} partitions, a look each ${tendEveryMs} ms`,
  );

  const chain = startCost();
  work.reset();
  for (let at = 0; at < events; at += APPENDED_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(APPENDED_AT_ONCE, events - at) }, (_, i) => log.append('default', 'accepted', [benchEvent(at + i, keys)])));
  while ((await endOf(log, 'end')) < events) await systemStopwatch.sleep(5);
  const cost = chain();
  console.log(
    `chain: ${kilo(events, cost.wallS)} events a second through ${TOPICS.length} folds, ${cost.wallS.toFixed(2)} s, ${cost.cpuS.toFixed(2)} s of processor time`,
  );
  console.log(`       ${work.report()}`);
  for (const processor of processors) await processor.stop(GRACE_MS);
  await log.close();
  await store.close();
  const sizes = await Promise.all(['log.sqlite', 'store.sqlite'].map(async (name) => (await stat(join(folder, name))).size / 1e6));
  console.log(`       ${sizes.map((size) => size.toFixed(1)).join(' and ')} MB of log and store`);
  await rm(folder, { recursive: true });
}

/** The counters, which hand each record on to `output` as it is. */
function linkOf(topic: string, output: string): ProcessorDefinition<Counters> {
  return {
    ...counterDefinition(topic, topic),
    empty: emptyCounters,
    fold: (state, record) => {
      count(state, parseEvent(record.value));
      return { emissions: [handedOn(record, output)] };
    },
    dueRecord: (key) => ({ key, value: new Uint8Array() }),
  };
}

const handedOn = ({ tenant, key, value, partition, offset }: LogRecord, topic: string) => ({
  id: `${partition}:${offset}`,
  tenant,
  topic,
  key,
  value,
  headers: {},
});

async function endOf(log: SqliteEventLog, topic: string): Promise<number> {
  const bounds = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => log.bounds(topic, partition)));
  return bounds.reduce((sum, { endOffset }) => sum + endOffset, 0);
}

/** Log and store, with the calls that write counted and timed. The store works on the caller's thread, so its time is the call's. */
function counting(log: SqliteEventLog, store: SqliteStateStore) {
  const of = { commits: 0, commitMs: 0, appends: 0 };
  const append = log.append.bind(log);
  const commit = store.commit.bind(store);
  log.append = (...args) => {
    of.appends++;
    return append(...args);
  };
  store.commit = (...args) => {
    const startedMs = performance.now();
    const result = commit(...args);
    of.commits++;
    of.commitMs += performance.now() - startedMs;
    return result;
  };
  return {
    log,
    store,
    reset: () => void Object.assign(of, { commits: 0, commitMs: 0, appends: 0 }),
    report: () => `${of.commits} commits of the store in ${(of.commitMs / 1e3).toFixed(2)} s, ${of.appends} appends`,
  };
}
