import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import type { ProcessorDefinition } from './definition.ts';
import { Processor, type ProcessorFault, type ProcessorOptions } from './processor.ts';

/** A clock that stands until the test moves it. */
export class HeldClock implements Clock {
  #nowMs = 1_700_000_000_000;
  nowMs(): number {
    return this.#nowMs;
  }
  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Every sleep takes one turn of the event loop, and then as much time has passed as was asked for. */
export class Hasty implements Stopwatch {
  #elapsedMs = 0;
  elapsedMs(): number {
    return this.#elapsedMs;
  }
  async sleep(ms: number): Promise<void> {
    await nextTurn();
    this.#elapsedMs += ms;
  }
}

/** Ends what hangs, and measures nothing: it lies above what a busy machine takes, and below the timeout of a test. */
const PATIENCE_MS = 40_000;
const GRACE_MS = 1_000;

/** The embedded adapters in memory, and processors that start and stop on them. Test only. */
export class ProcessorWorld<S> {
  readonly clock = new HeldClock();
  readonly stopwatch = new Hasty();
  readonly log: SqliteEventLog = this.newLog();
  /** What the processors told of, in order. */
  readonly faults: ProcessorFault[] = [];
  readonly store = new SqliteStateStore(':memory:');
  readonly #definition: ProcessorDefinition<S>;
  readonly #running = new Set<Processor<S>>();

  constructor(definition: ProcessorDefinition<S>) {
    this.#definition = definition;
  }

  newLog(): SqliteEventLog {
    return new SqliteEventLog({ path: ':memory:', clock: this.clock, stopwatch: this.stopwatch });
  }

  async start(log: EventLog = this.log, definition: ProcessorDefinition<S> = this.#definition, options: ProcessorOptions<S> = {}): Promise<Processor<S>> {
    const onFault = (fault: ProcessorFault): unknown => this.faults.push(fault);
    const processor = new Processor(definition, { log, store: this.store, clock: this.clock, stopwatch: this.stopwatch }, { onFault, ...options });
    this.#running.add(processor);
    await processor.start();
    return processor;
  }

  async stop(processor: Processor<S>): Promise<void> {
    this.#running.delete(processor);
    await processor.stop(GRACE_MS);
  }

  async end(): Promise<void> {
    for (const processor of this.#running) await this.stop(processor);
    await this.log.close();
    await this.store.close();
  }
}

/** Resolves at the first turn of the event loop at which the condition holds. @throws Error after 40 s */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const givenUpAtMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > givenUpAtMs) throw new Error(`this never came: ${condition}`);
    await nextTurn();
  }
}

/** Everything that lies in one partition. */
export const all = (log: EventLog, topic: string, partition = 0): Promise<readonly LogRecord[]> => log.read(topic, partition, 0, 10_000);

/** The real log, but for the promises named. */
export const altered = (log: EventLog, changes: Partial<EventLog>): EventLog => ({
  ensureTopics: (specs) => log.ensureTopics(specs),
  identity: (topic) => log.identity(topic),
  bounds: (topic, partition) => log.bounds(topic, partition),
  append: (tenant, topic, records) => log.append(tenant, topic, records),
  read: (topic, partition, fromOffset, max) => log.read(topic, partition, fromOffset, max),
  committed: (group, topic, partition) => log.committed(group, topic, partition),
  consume: (options) => log.consume(options),
  close: () => log.close(),
  ...changes,
});
