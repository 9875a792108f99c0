import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { Cursor, CursorKeeper } from './cursor.ts';
import type { ConsentCall, DemoEvent, TrackingCall } from './events-of-demo.ts';
import { type ReplayOptions, type ReplayProgress, type ReplayReport, replay } from './replay.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A clock that keeps the size of each of its steps. */
export class WatchedClock extends VirtualClock {
  readonly steps: number[] = [];
  #beforeMs: number;
  constructor(nowMs: number) {
    super(nowMs);
    this.#beforeMs = nowMs;
  }
  override moveTo(ms: number): void {
    super.moveTo(ms);
    this.steps.push(ms - this.#beforeMs);
    this.#beforeMs = ms;
  }
}

/** An event that reached the doors, and where the clock stood then. */
export interface Arrived {
  readonly id: string;
  readonly customer: string;
  readonly kind: 'identify' | 'track' | 'consent';
  readonly happenedMs: number;
  readonly receivedAtMs: number;
}

/** A machine whose time passes only when work is done or slept, with doors that keep what comes. Test only. */
export class ReplayWorld {
  readonly arrived: Arrived[] = [];
  readonly told: ReplayProgress[] = [];
  readonly startMs: number;
  /** Machine time that a look at the pipeline takes; the number of the look is given. */
  settlingMs: (look: number) => number = () => 1;
  /** Thrown by the doors once that many events have arrived; the last of them did arrive. */
  dieAfter = Number.POSITIVE_INFINITY;
  clock = new WatchedClock(0);
  cursor: Cursor | undefined;
  readonly #events: readonly DemoEvent[];
  #elapsedMs = 0;
  #looks = 0;

  constructor(startMs: number, events: readonly DemoEvent[]) {
    this.startMs = startMs;
    this.#events = events;
  }

  readonly systemClock: Clock = { nowMs: () => Math.floor(this.startMs + this.#elapsedMs) };
  readonly stopwatch: Stopwatch = {
    elapsedMs: () => this.#elapsedMs,
    sleep: async (ms) => {
      this.#elapsedMs += ms;
    },
  };
  readonly keeper: CursorKeeper = {
    read: () => this.cursor,
    write: (cursor) => {
      this.cursor = cursor;
    },
    note: async (cursor) => {
      this.cursor = cursor;
    },
  };

  /** Starts the process and replays. */
  async run(more: Partial<ReplayOptions> = {}): Promise<ReplayReport> {
    const { systemClock, stopwatch, startMs } = this;
    const fromMs = this.#events[0]?.atMs ?? startMs;
    this.clock = new WatchedClock(this.cursor?.clockMs ?? fromMs);
    return replay({
      ...{ tenant: 'default', systemClock, stopwatch, startMs, fromMs, clock: this.clock, cursor: this.keeper, events: this.#events },
      publish: async (_tenant, calls) => this.#publish(calls),
      recordConsent: async (_tenant, consent) => this.#consent(consent),
      settled: async () => {
        this.#elapsedMs += this.settlingMs(++this.#looks);
      },
      progress: (progress) => this.told.push(progress),
      ...more,
    });
  }

  #publish(calls: readonly TrackingCall[]): { kind: 'accepted' }[] {
    this.#elapsedMs++;
    return calls.map(({ type, body }) => {
      this.#arrive({ id: String(body['messageId']), customer: String(body['userId']), kind: type, happenedMs: Date.parse(String(body['timestamp'])) });
      return { kind: 'accepted' };
    });
  }

  #consent({ messageId, userId }: ConsentCall): void {
    this.#arrive({ id: messageId, customer: userId, kind: 'consent', happenedMs: this.clock.nowMs() });
  }

  #arrive(event: Omit<Arrived, 'receivedAtMs'>): void {
    this.arrived.push({ ...event, receivedAtMs: this.clock.nowMs() });
    if (this.arrived.length === this.dieAfter) throw new Error('killed');
  }
}
