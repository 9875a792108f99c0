import type { EventLog, LogRecord, TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import { REJECTED } from '../ports.ts';
import { REJECTED_KEPT_MS, type Rejected, rejectedIn } from './rejected-entry.ts';
import type { ReplayedEvents } from './replayed-events.ts';

/** Which page of them. */
export interface RejectedPage {
  readonly max: number;
  /** From the page before; empty = the newest. */
  readonly token: string;
  /** Empty = all. */
  readonly code: string;
}

/** One of the list. */
export interface ListedRejected extends Rejected {
  /** Whether it was sent again, and accepted. */
  readonly replayed: boolean;
}

/** What was refused in the last 72 hours, newest first, and the token of the next page; empty at the end. @throws AttuneError REQUEST_INVALID for a token of somebody else, LOG_UNAVAILABLE */
export type ListRejected = (tenant: TenantId, page: RejectedPage) => Promise<{ readonly found: readonly ListedRejected[]; readonly token: string }>;

/** What listing needs. */
export interface ListPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly replayed: Pick<ReplayedEvents, 'of'>;
}

/** So many records are looked at for one page, whatever code they have. */
const LOOKED_AT_MAX = 2_000;

/** Reads the ends of the topic's partitions and merges them: the topic itself is what keeps them, so any process can answer. */
export const listRejected =
  ({ log, clock, replayed }: ListPorts): ListRejected =>
  async (tenant, { max, token, code }) => {
    const sinceMs = clock.nowMs() - REJECTED_KEPT_MS;
    const { partitions } = await log.identity(REJECTED);
    const ends = endsIn(token, partitions);
    const tails = await Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const { startOffset, endOffset } = await log.bounds(REJECTED, partition);
        return new Tail(log, partition, startOffset, Math.min(ends?.[partition] ?? endOffset, endOffset));
      }),
    );
    const sentAgain = await replayed.of(tenant);
    const found: ListedRejected[] = [];
    for (let looked = 0; looked < LOOKED_AT_MAX && found.length < max; looked++) {
      const newest = await newestOf(tails);
      if (newest === undefined || newest.record.appendedAtMs < sinceMs) return { found, token: '' };
      newest.tail.drop();
      const rejected = rejectedIn(newest.record, tenant);
      if (rejected && Number(rejected.told.receivedAtMs) >= sinceMs && (code === '' || rejected.told.code === code))
        found.push({ ...rejected, replayed: sentAgain.has(rejected.id) });
    }
    return { found, token: (await newestOf(tails)) === undefined ? '' : tails.map(({ end }) => end).join('.') };
  };

function endsIn(token: string, partitions: number): readonly number[] | undefined {
  if (token === '') return undefined;
  const ends = token.split('.').map(Number);
  if (ends.length !== partitions || !ends.every((end) => Number.isSafeInteger(end) && end >= 0))
    throw new AttuneError('REQUEST_INVALID', 'Field: page_token. It is none of this list.');
  return ends;
}

async function newestOf(tails: readonly Tail[]): Promise<{ readonly tail: Tail; readonly record: LogRecord } | undefined> {
  const lasts = await Promise.all(tails.map(async (tail) => ({ tail, record: await tail.last() })));
  let newest: { readonly tail: Tail; readonly record: LogRecord } | undefined;
  for (const { tail, record } of lasts)
    if (record !== undefined && record.appendedAtMs > (newest?.record.appendedAtMs ?? Number.NEGATIVE_INFINITY)) newest = { tail, record };
  return newest;
}

const BLOCK = 64;

/** One partition, read from its end. */
class Tail {
  readonly #log: EventLog;
  readonly #partition: number;
  readonly #start: number;
  #held: LogRecord[] = [];
  /** Below it lies what was not dropped. */
  end: number;
  /** Below it lies what was not read. */
  #unread: number;

  constructor(log: EventLog, partition: number, start: number, end: number) {
    this.#log = log;
    this.#partition = partition;
    this.#start = start;
    this.end = end;
    this.#unread = end;
  }

  async last(): Promise<LogRecord | undefined> {
    while (this.#held.length === 0 && this.#unread > this.#start) {
      const from = Math.max(this.#start, this.#unread - BLOCK);
      const records = await this.#log.read(REJECTED, this.#partition, from, this.#unread - from);
      this.#held = records.filter(({ offset }) => offset < this.#unread);
      this.#unread = from;
    }
    return this.#held.at(-1);
  }

  drop(): void {
    this.end = this.#held.pop()?.offset ?? this.end;
  }
}
