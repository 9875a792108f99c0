import type { Decision } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord } from '@attune/event-log/port';
import { AttuneError, codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { Nap } from '@attune/processor/nap';
import type { Stopwatch } from '@attune/runtime/world';
import { DECISIONS, decisionEmission } from './records.ts';

/** Records decisions that nobody can ask for again, beside the answering of calls. */
export interface DecisionRecorder {
  /**
   * Takes a decision to be appended. Resolves at once while the log takes decisions within 50 ms, else once it is appended. A decision that was answered is
   * tried until it is appended or `stop`. @throws AttuneError LOG_UNAVAILABLE where the log is away or too much waits, and what refuses it for good
   */
  add(tenant: string, decision: Decision): Promise<void>;
  /** A decision that was taken here not long ago: it may not be kept yet. */
  recent(id: string): Decision | undefined;
  /** Takes no more, and resolves once all is appended, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What recording needs. */
export interface RecorderPorts {
  readonly log: Pick<EventLog, 'append'>;
  readonly stopwatch: Stopwatch;
  /** Hears the code when decisions that were answered cannot be appended yet, or never. */
  readonly onFault: (code: ErrorCode) => void;
}

/** Answered before it is appended: what a process that is killed may lose. */
const PROMPT_MS = 50;
const WAITING_MAX = 1_000;
const RECENT_MAX = 1_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;

interface Waiting {
  readonly tenant: string;
  readonly record: NewRecord;
  readonly sinceMs: number;
  /** Settled when it is appended or refused. */
  readonly done: PromiseWithResolvers<void>;
  /** True once the call has been answered as if it were appended. */
  answered: boolean;
}

/** Appends in batches: what comes while an append is under way goes with the next. */
export function recordDecisions(ports: RecorderPorts): DecisionRecorder {
  const queue = new RecorderQueue(ports);
  const recent = new Map<string, Decision>();
  return {
    add: async (tenant, decision) => {
      await queue.add(tenant, decision);
      recent.set(decision.id, decision);
      const [oldest] = recent.keys();
      if (recent.size > RECENT_MAX && oldest !== undefined) recent.delete(oldest);
    },
    recent: (id) => recent.get(id),
    stop: (graceMs) => queue.stop(graceMs),
  };
}

class RecorderQueue {
  readonly #ports: RecorderPorts;
  readonly #nap: Nap;
  #waiting: Waiting[] = [];
  #sending: readonly Waiting[] = [];
  #away = false;
  /** Takes no more. */
  #stopped = false;
  /** Tries no more. */
  #ended = false;
  #chain: Promise<void> = Promise.resolve();

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
    this.#nap = new Nap(ports.stopwatch);
  }

  async add(tenant: string, decision: Decision): Promise<void> {
    if (this.#away || this.#stopped || this.#waiting.length + this.#sending.length >= WAITING_MAX)
      throw new AttuneError('LOG_UNAVAILABLE', 'The decision cannot be recorded now.');
    const { key, value, headers, id } = decisionEmission(tenant, decision);
    const nowMs = this.#ports.stopwatch.elapsedMs();
    const done = Promise.withResolvers<void>();
    const one: Waiting = { tenant, record: { key, value, headers: { ...headers, id } }, sinceMs: nowMs, done, answered: true };
    done.promise.catch(() => undefined); // whoever was answered does not hear of it
    const idle = this.#waiting.length + this.#sending.length === 0;
    const oldest = this.#sending[0] ?? this.#waiting[0] ?? one;
    this.#waiting.push(one);
    if (idle) this.#chain = this.#run();
    if (nowMs - oldest.sinceMs <= PROMPT_MS) return;
    one.answered = false;
    await done.promise;
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    await Promise.race([this.#chain, this.#ports.stopwatch.sleep(graceMs)]);
    this.#ended = true;
    this.#nap.end();
    if (this.#waiting.length + this.#sending.length > 0) this.#ports.onFault('LOG_UNAVAILABLE');
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is decided in the same turn goes along
    while (this.#waiting.length > 0 && !this.#ended) {
      this.#sending = this.#waiting;
      this.#waiting = [];
      for (const [tenant, theirs] of Map.groupBy(this.#sending, (one) => one.tenant)) await this.#append(tenant, theirs);
      this.#sending = [];
    }
  }

  /** Tries as long as there is one among them whose call was answered; the others hear of the first fault. */
  async #append(tenant: string, all: readonly Waiting[]): Promise<void> {
    let left = all;
    for (let delayMs = RETRY_MIN_MS; left.length > 0 && !this.#ended; delayMs = Math.min(2 * delayMs, RETRY_MAX_MS)) {
      try {
        await this.#ports.log.append(
          tenant,
          DECISIONS,
          left.map(({ record }) => record),
        );
        for (const { done } of left) done.resolve();
        this.#away = false;
        return;
      } catch (fault) {
        const code = codeOf(fault);
        if (!this.#away) this.#ports.onFault(code);
        this.#away = true;
        for (const one of left) if (!one.answered) one.done.reject(fault);
        left = left.filter(({ answered }) => answered);
        if (!errorTable[code].retriable) left = await this.#oneByOne(tenant, left);
        this.#failWaiting(fault);
        if (left.length > 0) await this.#nap.sleep(delayMs);
      }
    }
    this.#away = false;
  }

  /** One that is refused for good must not take its neighbours along. Answers those that are to be tried again. */
  async #oneByOne(tenant: string, all: readonly Waiting[]): Promise<readonly Waiting[]> {
    const again: Waiting[] = [];
    for (const one of all) {
      const fault = await this.#ports.log.append(tenant, DECISIONS, [one.record]).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      if (fault !== undefined && errorTable[codeOf(fault)].retriable) again.push(one);
    }
    return again;
  }

  /** Whoever waits behind an append that failed is told at once. */
  #failWaiting(fault: unknown): void {
    for (const one of this.#waiting) if (!one.answered) one.done.reject(fault);
    this.#waiting = this.#waiting.filter(({ answered }) => answered);
  }
}
