import type { EventLog, LogRecord } from '@attune/event-log/port';
import { SharedRun } from '@attune/runtime/shared-run';

type TailedLog = Pick<EventLog, 'identity' | 'bounds' | 'read'>;

const READ_MAX = 1_000;

/** A topic that is read whole, without a group: each process of a service sees every record. For topics of few partitions, since each is asked for its end at every look. */
export class TopicTail {
  readonly #log: TailedLog;
  readonly #topic: string;
  readonly #apply: (record: LogRecord) => void;
  readonly #next = new Map<number, number>();
  readonly #reading = new SharedRun(() => this.#read());
  #partitions = 0;

  /** `apply` is given each record once, in order within its partition, and must not throw. */
  constructor({ log, topic, apply }: { readonly log: TailedLog; readonly topic: string; readonly apply: (record: LogRecord) => void }) {
    this.#log = log;
    this.#topic = topic;
    this.#apply = apply;
  }

  /** Resolves once everything was applied that was acknowledged before the call. Many at once share the work. @throws AttuneError LOG_UNAVAILABLE */
  readToEnd(): Promise<void> {
    return this.#reading.run();
  }

  /** Resolves when no read is under way. */
  idle(): Promise<void> {
    return this.#reading.idle();
  }

  async #read(): Promise<void> {
    if (this.#partitions === 0) this.#partitions = (await this.#log.identity(this.#topic)).partitions;
    await Promise.all(Array.from({ length: this.#partitions }, (_, partition) => this.#readPartition(partition)));
  }

  async #readPartition(partition: number): Promise<void> {
    const { endOffset } = await this.#log.bounds(this.#topic, partition);
    for (let next = this.#next.get(partition) ?? 0; next < endOffset; ) {
      const records = await this.#log.read(this.#topic, partition, next, READ_MAX);
      for (const record of records) this.#apply(record);
      next = (records.at(-1)?.offset ?? endOffset - 1) + 1;
      this.#next.set(partition, next);
    }
  }
}
