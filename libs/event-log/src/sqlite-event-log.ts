import { AttuneError } from '@attune/kernel/errors';
import { LocalConsumption } from './local-consumption.ts';
import { LocalGroup } from './local-group.ts';
import type { ConsumeOptions, Consumption, EventLog, LogBounds, LogIdentity, LogRecord, NewRecord, Position, TenantId, TopicSpec } from './port.ts';
import { SqliteLogFile } from './sqlite-log-file.ts';

export interface SqliteEventLogOptions {
  /** A file, or ':memory:' for a log that ends with the process. */
  readonly path: string;
  /** Stamps `appendedAtMs`. */
  readonly clock: { nowMs(): number };
  /** Waits out the pauses that handlers ask for. */
  readonly stopwatch: { sleep(ms: number): Promise<void> };
  /** Whether another process appends to the file, and this one only reads: it then sees what is appended. */
  readonly follows?: boolean;
}

const readBytesMax = 16 * 1024 * 1024;

/** Key and value. Brokers take 1 MiB with their own words around it, and what this log takes must fit into that one. */
const recordBytesMax = 1_000_000;

/**
 * The log of one process, in one SQLite file (WAL, synchronous=FULL), written in a thread of its own: acknowledged means on the disk.
 * Groups live in this process; `retentionMs` and `compacted` are not applied, nothing is ever removed.
 * A call that the file refuses throws LOG_UNAVAILABLE, a record of more than 1,000,000 bytes EVENT_TOO_LARGE.
 */
export class SqliteEventLog implements EventLog {
  readonly #file: SqliteLogFile;
  readonly #clock: SqliteEventLogOptions['clock'];
  readonly #stopwatch: SqliteEventLogOptions['stopwatch'];
  readonly #groups = new Map<string, LocalGroup>();

  constructor({ path, clock, stopwatch, follows }: SqliteEventLogOptions) {
    this.#file = answering(() => new SqliteLogFile(path, follows));
    this.#stopwatch = stopwatch;
    this.#clock = clock;
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    answering(() => this.#file.ensure(specs));
  }

  async identity(topic: string): Promise<LogIdentity> {
    this.#known(topic);
    return { logId: this.#file.logId, partitions: answering(() => this.#file.partitions(topic)) };
  }

  async bounds(topic: string, partition: number): Promise<LogBounds> {
    this.#known(topic);
    return answering(() => this.#file.bounds(topic, partition));
  }

  async append(tenant: TenantId, topic: string, records: readonly NewRecord[]): Promise<readonly Position[]> {
    this.#known(topic);
    const large = records.find(({ key, value }) => key.length + value.length > recordBytesMax);
    if (large) throw new AttuneError('EVENT_TOO_LARGE', `A record of ${large.value.length} bytes for ${topic}.`);
    const positions = await this.#file.append({ tenant, topic, records }, () => this.#clock.nowMs()).catch(unavailable);
    this.#wake(topic, new Set(positions.map(({ partition }) => partition)));
    return positions;
  }

  async read(topic: string, partition: number, fromOffset: number, max: number): Promise<readonly LogRecord[]> {
    this.#known(topic);
    return answering(() => this.#file.read({ topic, partition, offset: fromOffset }, { recordsMax: max, bytesMax: readBytesMax }));
  }

  async committed(group: string, topic: string, partition: number): Promise<number | undefined> {
    return answering(() => this.#file.committed(group, topic, partition));
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#known(options.topic);
    const name = JSON.stringify([options.topic, options.group]);
    const group = this.#groups.get(name) ?? new LocalGroup(options.topic, this.#file.partitions(options.topic));
    this.#groups.set(name, group);
    const consumption = new LocalConsumption({ ...options, file: this.#file, members: group, stopwatch: this.#stopwatch });
    group.join(consumption);
    return consumption;
  }

  /** Stops every consumption without waiting for its handlers, then closes the file. */
  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.stop()));
    await this.#file.close();
  }

  #wake(topic: string, partitions: ReadonlySet<number>): void {
    for (const group of this.#groups.values()) if (group.topic === topic) for (const partition of partitions) group.wake(partition);
  }

  #known(topic: string): void {
    if (answering(() => this.#file.partitions(topic)) === 0) throw new AttuneError('LOG_UNAVAILABLE', `There is no topic ${topic}.`);
  }
}

function answering<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    return unavailable(fault);
  }
}

function unavailable(fault: unknown): never {
  throw new AttuneError('LOG_UNAVAILABLE', '', fault);
}
