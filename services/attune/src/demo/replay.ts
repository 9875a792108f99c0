import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { CursorKeeper } from './cursor.ts';
import type { DemoEvent } from './events-of-demo.ts';
import { nextBatch, type ReplayDoors, sendBatch } from './send-batch.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How far the replay has come; times in virtual ms since 1970. */
export interface ReplayProgress {
  readonly fromMs: number;
  /** The system's time when this was told: the end moves on until it is reached. */
  readonly toMs: number;
  readonly atMs: number;
  readonly publishedEvents: number;
  readonly totalEvents: number;
  readonly done: boolean;
}

/** What is replayed, through what, and how fast. */
export interface ReplayOptions extends ReplayDoors {
  /** Stands at the cursor, or at `fromMs`. */
  readonly clock: VirtualClock;
  /** Takes over at the end. */
  readonly systemClock: Clock;
  readonly stopwatch: Stopwatch;
  /** In order of time, all before `startMs`. */
  readonly events: readonly DemoEvent[];
  readonly fromMs: number;
  /** When the demo was started first, by the system's clock. */
  readonly startMs: number;
  /** Virtual time between two looks at the pipeline; below half the day within which a repeated message is known again: two may be repeated. */
  readonly tickMs?: number;
  /** How long an event may wait, in virtual ms, for others to be sent with it. */
  readonly stepMs?: number;
  /** Machine time that the way from `fromMs` to `startMs` takes at least. */
  readonly paceMsTotal?: number;
  /** Resolves when the processors have caught up well enough. */
  readonly settled: () => Promise<void>;
  readonly progress?: (progress: ReplayProgress) => void;
  readonly cursor: CursorKeeper;
  /** Ends the replay after the tick in hand; the next start goes on from there. */
  readonly signal?: AbortSignal;
}

/** What came of it. */
export interface ReplayReport {
  /** Since the beginning, earlier starts included. */
  readonly publishedEvents: number;
  /** Events of this start that the door refused, by code: a fault of the demo. */
  readonly rejected: ReadonlyMap<string, number>;
  /** False when the signal came first. */
  readonly done: boolean;
}

/** Walks virtual time from the cursor to now, sending each event once the clock has reached it, and hands the clock over to the system. A finished replay does not run again. The cursor is written while the next tick runs. @throws what the doors throw; the cursor then stands at the last whole tick, after a kill at that or the one before */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const { clock, systemClock, settled, cursor, startMs, events, fromMs, signal, tickMs = TICK_MS } = options;
  const rejected = new Map<string, number>();
  let { publishedEvents = 0, done = false } = cursor.read() ?? {};
  const targetMs = (): number => Math.max(systemClock.nowMs(), events.at(-1)?.atMs ?? 0);
  let noted = Promise.resolve();
  const note = async (): Promise<void> => {
    await noted;
    noted = cursor.note({ startMs, publishedEvents, clockMs: clock.nowMs(), done });
    noted.catch(() => undefined); // told by whoever waits for it
    options.progress?.({ fromMs, toMs: targetMs(), atMs: clock.nowMs(), publishedEvents, totalEvents: events.length, done });
  };
  const pace = pacer(options);
  while (!done && !signal?.aborted) {
    publishedEvents = await sendUntil(Math.min(clock.nowMs() + tickMs, targetMs()), publishedEvents, options, rejected);
    await settled();
    await note();
    await pace();
    done = publishedEvents === events.length && targetMs() - clock.nowMs() <= MEETING_MS;
  }
  if (done) {
    clock.handOver(systemClock);
    await note();
  }
  await noted;
  return { publishedEvents, rejected, done };
}

const TICK_MS = 6 * 3_600_000;
const STEP_MS = 3_600_000;
const PACE_MS_TOTAL = 75_000;
/** What the clock may leap when it is handed over: the machine time of the last tick. */
const MEETING_MS = 60_000;

/** Moves the clock to `endMs` and sends what happens on the way, from the event number `next` on. Answers the number of the first event that lies beyond. */
async function sendUntil(
  endMs: number,
  next: number,
  { clock, events, stepMs = STEP_MS, ...doors }: ReplayOptions,
  rejected: Map<string, number>,
): Promise<number> {
  let sent = next;
  for (let batch = nextBatch(events, sent, { endMs, stepMs }); batch.length > 0; batch = nextBatch(events, sent, { endMs, stepMs })) {
    clock.moveTo(batch.at(-1)?.atMs ?? endMs);
    for (const code of await sendBatch(batch, doors)) rejected.set(code, (rejected.get(code) ?? 0) + 1);
    sent += batch.length;
  }
  clock.moveTo(endMs);
  return sent;
}

/** Waits until machine time has come as far on its way as virtual time; what a slow stretch lost is made up for later. */
function pacer({ clock, stopwatch, fromMs, startMs, paceMsTotal = PACE_MS_TOTAL }: ReplayOptions): () => Promise<void> {
  const dueMs = (): number => Math.min(1, (clock.nowMs() - fromMs) / (startMs - fromMs)) * paceMsTotal;
  const beganMs = stopwatch.elapsedMs() - dueMs();
  return async () => {
    const earlyMs = beganMs + dueMs() - stopwatch.elapsedMs();
    if (earlyMs > 0) await stopwatch.sleep(earlyMs);
  };
}
