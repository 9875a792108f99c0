import type { EventLog, LogRecord } from '@attune/event-log/port';

/** Who copies changes of profiles, and from where. */
export const CHANGES = { topic: 'attune.profiles.v1', group: 'deliveries-from-profiles' } as const;

/** The header of a decision that says which change of its profile it was made after: partition/offset in attune.profiles.v1. */
const AFTER = 'after';

/**
 * How far changes of profiles are copied, by partition: known of what this process copied itself, and asked of the log where another process does.
 * What was once copied stays so, whoever owns the partition now; a commit comes after the copy, so what is committed is copied.
 */
export class CopiedChanges {
  readonly #log: Pick<EventLog, 'committed'>;
  readonly #below = new Map<number, number>();

  constructor(log: Pick<EventLog, 'committed'>) {
    this.#log = log;
  }

  /** Notes that everything of a partition below an offset is copied. */
  copiedBelow(partition: number, offset: number): void {
    this.#below.set(partition, Math.max(offset, this.#below.get(partition) ?? 0));
  }

  /** Whether all changes are copied that the decision in a record was made after; true of one that does not say. @throws AttuneError LOG_UNAVAILABLE */
  async precede({ headers }: LogRecord): Promise<boolean> {
    const [, partition, offset] = /^(\d+)\/(\d+)$/.exec(headers[AFTER] ?? '')?.map(Number) ?? [];
    if (partition === undefined || offset === undefined) return true;
    if (this.#isBelow(partition, offset)) return true;
    this.copiedBelow(partition, (await this.#log.committed(CHANGES.group, CHANGES.topic, partition)) ?? 0);
    return this.#isBelow(partition, offset);
  }

  #isBelow(partition: number, offset: number): boolean {
    return offset < (this.#below.get(partition) ?? 0);
  }
}
