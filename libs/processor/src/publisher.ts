import type { EventLog } from '@attune/event-log/port';
import { codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';
import type { Stopwatch } from '@attune/runtime/world';
import type { Outgoing } from './emission-codec.ts';
import { Nap } from './nap.ts';

/** Told what became of what one partition gave to the publisher since it was adopted. */
export interface PublishListener {
  /** The entry is in its topic: it may leave the outbox. */
  published(id: string): void;
  /** Everything folded below `nextOffset` is published. */
  reached(nextOffset: number): void;
  /** The log did not take entries. A retriable fault: they are tried again. Another: nothing that this listener gave is sent any more. */
  failed(fault: unknown): void;
}

interface Waiting {
  readonly listener: PublishListener;
  readonly outgoing?: Outgoing;
  readonly nextOffset?: number;
}

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * Publishes outbox entries of all partitions in the order given, on one send chain: a later entry is never in its topic before an earlier one.
 * While the log is away the whole chain waits, longer each time; what the log refuses for good ends the sending of its partition alone.
 */
export class Publisher {
  readonly #log: EventLog;
  readonly #nap: Nap;
  readonly #refusal: (code: ErrorCode) => void;
  readonly #refused = new WeakSet<PublishListener>();
  #queue: Waiting[] = [];
  #running = false;
  #chain: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param refusal hears the code of each append that the log did not take; must not throw */
  constructor(log: EventLog, stopwatch: Stopwatch, refusal: (code: ErrorCode) => void = () => {}) {
    this.#log = log;
    this.#refusal = refusal;
    this.#nap = new Nap(stopwatch);
  }

  /** Takes the entries of one step, and the offset that is reached once they are published. */
  take(listener: PublishListener, entries: readonly Outgoing[], nextOffset: number): void {
    if (entries.length === 0 && this.#queue.length === 0 && !this.#running) {
      if (!this.#refused.has(listener)) listener.reached(nextOffset);
      return;
    }
    for (const outgoing of entries) this.#queue.push({ listener, outgoing });
    this.#queue.push({ listener, nextOffset });
    if (!this.#running) this.#chain = this.#run();
  }

  /** Ends the chain; resolves after the send that is under way. What waits stays in the outboxes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#nap.end();
    await this.#chain;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0 && !this.#stopped) {
      const taken = this.#queue;
      this.#queue = [];
      for (const run of runsOf(taken)) await this.#send(run);
    }
    this.#running = false;
  }

  /** Sends one run. One that is refused for good is sent again in halves, in order, so that only the partitions of what is refused stop. */
  async #send({ target, items }: Run): Promise<void> {
    const wanted = items.filter(({ listener }) => !this.#refused.has(listener));
    const outcome = await this.#append({ target, items: wanted });
    if (outcome.kind === 'sent') for (const one of wanted) tell(one);
    if (outcome.kind !== 'refused') return;
    const middle = wanted.length >> 1;
    if (middle === 0) this.#refuse(wanted, outcome.fault);
    else for (const half of [wanted.slice(0, middle), wanted.slice(middle)]) await this.#send({ target, items: half });
  }

  /** Tries until the log has the records, refuses them for good, or the publisher is stopped. */
  async #append({ target, items }: Run): Promise<Outcome> {
    const records = items.flatMap(({ outgoing }) => (outgoing ? [outgoing.record] : []));
    if (this.#stopped) return { kind: 'stopped' };
    if (target === undefined || records.length === 0) return { kind: 'sent' };
    for (let delayMs = RETRY_MIN_MS; ; delayMs = Math.min(2 * delayMs, RETRY_MAX_MS)) {
      try {
        await this.#log.append(target.tenant, target.topic, records);
        return { kind: 'sent' };
      } catch (fault) {
        const code = codeOf(fault);
        this.#refusal(code);
        if (!errorTable[code].retriable) return { kind: 'refused', fault };
        for (const listener of new Set(items.map((item) => item.listener))) listener.failed(fault);
        await this.#nap.sleep(delayMs);
        if (this.#stopped) return { kind: 'stopped' };
      }
    }
  }

  #refuse(items: readonly Waiting[], fault: unknown): void {
    for (const { listener } of items) {
      this.#refused.add(listener);
      listener.failed(fault);
    }
  }
}

type Outcome = { readonly kind: 'sent' | 'stopped' } | { readonly kind: 'refused'; readonly fault: unknown };

/** Neighbours that go to one topic of one tenant, and the offsets reached between them. */
interface Run {
  /** Undefined where there are offsets alone. */
  readonly target: Pick<Outgoing, 'tenant' | 'topic'> | undefined;
  readonly items: readonly Waiting[];
}

/** Neighbours with the same tenant and topic, so that order holds within each topic. */
function runsOf(taken: readonly Waiting[]): readonly Run[] {
  const runs: { readonly target: Run['target']; readonly items: Waiting[] }[] = [];
  for (const one of taken) {
    const { outgoing } = one;
    let last = runs.at(-1);
    if (last === undefined || (outgoing && !(last.target?.tenant === outgoing.tenant && last.target.topic === outgoing.topic))) {
      last = { target: outgoing, items: [] };
      runs.push(last);
    }
    last.items.push(one);
  }
  return runs;
}

function tell({ listener, outgoing, nextOffset }: Waiting): void {
  if (outgoing) listener.published(outgoing.entryId);
  if (nextOffset !== undefined) listener.reached(nextOffset);
}
