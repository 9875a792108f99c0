import { join } from 'node:path';
import type { Item } from '@attune/contracts/messages/log/v1/log';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import { cursorFile } from './cursor.ts';
import { type DemoEvents, eventsOfDemo } from './events-of-demo.ts';
import { itemsOfDemo, sendItems } from './items-of-demo.ts';
import { MADE_UP, MADE_UP_OF } from './made-up.ts';
import { readOnlineRetail } from './online-retail.ts';
import { type ReplayOptions, type ReplayProgress, type ReplayReport, replay } from './replay.ts';
import { shiftWeeks, WEEK_MS } from './shift.ts';
import { VirtualClock } from './virtual-clock.ts';

/** In the data folder: where the replay stands. Its presence says that the folder's customers are the demo's. */
export const CURSOR_FILE = 'replay.json';

/** What the demo needs to be opened. */
export interface DemoOptions {
  /** The folder whose log the replay fills: the cursor lies beside it. */
  readonly dataFolder: string;
  readonly packFile?: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Of the products' names. */
  readonly language?: string;
  readonly systemClock: Clock;
  readonly stopwatch: Stopwatch;
}

/** What only the composition can give. */
export type DemoPorts = Pick<ReplayOptions, 'tenant' | 'publish' | 'recordConsent' | 'settled' | 'progress' | 'signal' | 'paceMsTotal'> & {
  /** Takes at most 500 products. */
  readonly publishItems: (items: readonly Item[]) => Promise<unknown>;
};

/** A year of a real shop, ready to be replayed. */
export interface Demo {
  /** The clock of the process: virtual until the replay has ended, and the system's afterwards. */
  readonly clock: Clock;
  /** Names of what was invented about the customers. */
  readonly madeUp: readonly string[];
  /** Regular expression of the identifiers that it was invented for. */
  readonly madeUpOf: string;
  /** What was made of the year. */
  readonly counts: DemoEvents['counts'];
  progress(): ReplayProgress;
  /** Publishes the products if nothing was replayed yet, then replays what is left of it, to be called once the pipeline runs; see `replay`. */
  run(ports: DemoPorts): Promise<ReplayReport>;
}

/** Reads the year and the cursor, and sets the clock to where the replay stands. From the first call on, the shift of the year stays. @throws AttuneError INTERNAL where pack or cursor cannot be read */
export function openDemo({ dataFolder, packFile = PACK, currency, language = 'en', systemClock, stopwatch }: DemoOptions): Demo {
  const cursor = cursorFile(join(dataFolder, CURSOR_FILE));
  const orders = readOnlineRetail(packFile);
  const begun = cursor.read();
  const startMs = begun?.startMs ?? systemClock.nowMs();
  const shiftMs = shiftWeeks(orders.at(-1)?.atMs ?? startMs, startMs) * WEEK_MS;
  const { events, counts } = eventsOfDemo(orders, { shiftMs, currency });
  const fromMs = events[0]?.atMs ?? startMs;
  const { clockMs, publishedEvents, done } = begun ?? { clockMs: fromMs, publishedEvents: 0, done: false };
  if (begun === undefined) cursor.write({ startMs, publishedEvents, clockMs, done });
  const clock = new VirtualClock(clockMs);
  if (done) clock.handOver(systemClock);
  let latest: ReplayProgress = { fromMs, toMs: systemClock.nowMs(), atMs: clock.nowMs(), publishedEvents, totalEvents: events.length, done };
  const told =
    (tell: DemoPorts['progress']) =>
    (progress: ReplayProgress): void => {
      latest = progress;
      tell?.(progress);
    };
  return {
    clock,
    madeUp: MADE_UP,
    madeUpOf: MADE_UP_OF,
    counts,
    progress: () => latest,
    run: async ({ progress, publishItems, ...ports }) => {
      if (cursor.read()?.publishedEvents === 0) await sendItems(itemsOfDemo(orders, { currency, language }), publishItems);
      return replay({ ...ports, ...{ clock, systemClock, stopwatch, events, fromMs, startMs, cursor }, progress: told(progress) });
    },
  };
}

const PACK = join(import.meta.dirname, '../../../../examples/gift-barn/data/online-retail.br');
